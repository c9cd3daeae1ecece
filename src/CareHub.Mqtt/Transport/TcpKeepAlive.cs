using System.Net.Sockets;

namespace CareHub.Mqtt.Transport;

/// <summary>
/// Lets TCP itself find out that a peer has vanished without a word: an MQTT client may choose no keep-alive, and then
/// nothing else would ever end its half-open connection.
/// </summary>
internal static class TcpKeepAlive
{
    private const int ProbeIntervalSeconds = 10;
    private const int ProbesMax = 6;

    /// <summary>Sets it on a listening socket; accepted ones inherit it.</summary>
    public static void Apply(Socket listening, int idleSeconds)
    {
        listening.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        listening.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, idleSeconds);
        listening.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeIntervalSeconds);
        listening.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, ProbesMax);
    }
}
