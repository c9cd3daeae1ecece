using System.Net;
using System.Net.Sockets;

namespace CareHub.Storage.Tests.Telemetry.Support;

/// <summary>A line to a server that is slow, and on which answers get lost: the request has arrived, and its sender never hears of it.</summary>
internal sealed class BadLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly int _port;
    private int _answers;
    private int _lost;

    public BadLine(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int BytesPerSecond { get; init; } = int.MaxValue;

    /// <summary>For the number of an answer.</summary>
    public Func<int, bool> LoseAnswer { get; init; } = _ => false;

    public int Lost => Volatile.Read(ref _lost);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopped.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _port, _stopped.Token);
                await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), isAnswer: false), CopyAsync(far.GetStream(), near.GetStream(), isAnswer: true));
            }
            catch (Exception over) when (over is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side has gone.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isAnswer)
    {
        var buffer = new byte[8 * 1024];
        while (await from.ReadAsync(buffer, _stopped.Token) is var read and > 0)
        {
            if (isAnswer && LoseAnswer(Interlocked.Increment(ref _answers)))
            {
                Interlocked.Increment(ref _lost);
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds((double)read / BytesPerSecond), _stopped.Token);
            await to.WriteAsync(buffer.AsMemory(0, read), _stopped.Token);
        }
    }
}
