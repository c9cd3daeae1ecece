using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CareHub.Server.Tests.Support;

/// <summary>The other side of a webhook or an SMS gateway, on a real socket: it answers as the test says, or not at all.</summary>
internal sealed class HttpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Request> _received = new();
    private readonly CancellationTokenSource _stopped = new();
    private TcpListener? _listener;

    public HttpReceiver() => Listen(0);

    internal sealed record Request(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body);

        public string Key => Headers["Idempotency-Key"];
    }

    public int Port { get; private set; }

    public string Url => $"http://127.0.0.1:{Port}/hook";

    /// <summary>What to answer to which request, counted from 0; a task that does not complete is a server that hangs.</summary>
    public Func<int, Task<string>> Answer { get; set; } = _ => Ok();

    public IReadOnlyList<Request> Received => [.. _received];

    public static Task<string> Ok(string body = "") => Say("200 OK", "", body);

    public static Task<string> Say(string status, string headers = "", string body = "") =>
        Task.FromResult($"HTTP/1.1 {status}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");

    public static Task<string> Hang() => new TaskCompletionSource<string>().Task;

    public Task<IReadOnlyList<Request>> CountAsync(int count) => Eventually.Value<IReadOnlyList<Request>>(
        () => Task.FromResult(_received.Count >= count ? Received : null), $"{count} requests have come");

    /// <summary>Nobody listens: connections are refused.</summary>
    public void Refuse() => _listener?.Stop();

    public void ListenAgain() => Listen(Port);

    private void Listen(int port)
    {
        var listener = _listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync(listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(_stopped.Token));
            }
        }
        catch (Exception over) when (over is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test has stopped listening.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                var request = await ReadAsync(stream);
                int number;
                lock (_received)
                {
                    number = _received.Count;
                    _received.Enqueue(request);
                }

                var answer = await Answer(number).WaitAsync(_stopped.Token);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stopped.Token);
            }
            catch (Exception over) when (over is IOException or OperationCanceledException)
            {
                // The hub hung up.
            }
        }
    }

    private async Task<Request> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n'))
        {
            await stream.ReadExactlyAsync(one, _stopped.Token);
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stopped.Token);
        return new Request(lines[0].Split(' ')[1], headers, body);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener?.Dispose();
    }
}
