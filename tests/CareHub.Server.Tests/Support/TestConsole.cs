using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace CareHub.Server.Tests.Support;

/// <summary>
/// A console as the wire sees it: HTTP with a cookie, and SignalR's JSON protocol spoken by hand over a WebSocket, so
/// that the protocol itself is under test and not a client of the same vendor.
/// </summary>
internal sealed class TestConsole : IAsyncDisposable
{
    private const byte RecordSeparator = 0x1E;

    private readonly CookieJar _cookies = new();
    private readonly Channel<JsonNode> _pushed = Channel.CreateUnbounded<JsonNode>();
    private readonly Dictionary<string, TaskCompletionSource<JsonNode>> _invocations = new(StringComparer.Ordinal);
    private ClientWebSocket? _socket;
    private int _ids;

    private TestConsole(Uri url)
    {
        Http = new HttpClient(_cookies) { BaseAddress = url };
        Http.DefaultRequestHeaders.Add("X-CareHub", "1");
    }

    public HttpClient Http { get; }

    /// <summary>Everything the hub pushed, in order: <c>{"target":…,"arguments":[…]}</c>.</summary>
    public ChannelReader<JsonNode> Pushed => _pushed.Reader;

    public static async Task<TestConsole> SignInAsync(Uri url, string user, string password)
    {
        var console = new TestConsole(url);
        var answer = await console.Http.PostAsJsonAsync("/api/v1/session", new { user, password });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        // Carried by hand: a cookie container judges by the machine's clock what the hub dated by the test's.
        console.Http.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return console;
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(path))!;

    /// <summary>Reads from the hub as it is after a restart: at another port, with the session of before.</summary>
    public async Task<JsonNode> GetAsync(string path, Uri hub) => JsonNode.Parse(await Http.GetStringAsync(new Uri(hub, path)))!;

    public async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task ConnectAsync()
    {
        _socket = new ClientWebSocket();
        _socket.Options.SetRequestHeader("Cookie", _cookies.Header);
        await _socket.ConnectAsync(new UriBuilder(Http.BaseAddress!) { Scheme = "ws", Path = "/hubs/alarms" }.Uri, CancellationToken.None);
        await SendAsync("""{"protocol":"json","version":1}""");
        _ = ReadAsync(_socket);
    }

    public async Task<JsonNode> InvokeAsync(string target, params object?[] arguments)
    {
        var id = $"{Interlocked.Increment(ref _ids)}";
        var done = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_invocations)
        {
            _invocations[id] = done;
        }

        await SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = id, target, arguments }));
        return await done.Task.WaitAsync(Eventually.Patience);
    }

    /// <summary>The next push of a kind; others are passed over.</summary>
    public async Task<JsonNode> NextAsync(string target)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            var message = await Pushed.ReadAsync(patience.Token);
            if ((string?)message["target"] == target)
            {
                return message["arguments"]![0]!;
            }
        }
    }

    private async Task ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var pending = new List<byte>();
        try
        {
            while (socket.State == WebSocketState.Open)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                foreach (var value in buffer.AsSpan(0, result.Count))
                {
                    if (value == RecordSeparator)
                    {
                        Handle(JsonNode.Parse(Encoding.UTF8.GetString([.. pending]))!);
                        pending.Clear();
                    }
                    else
                    {
                        pending.Add(value);
                    }
                }
            }
        }
        catch (WebSocketException)
        {
            // The hub went away; the test knows why.
        }
        finally
        {
            _pushed.Writer.TryComplete();
            EndInvocations();
        }
    }

    /// <summary>The hub went away before it answered.</summary>
    private void EndInvocations()
    {
        lock (_invocations)
        {
            foreach (var waiting in _invocations.Values)
            {
                waiting.TrySetException(new WebSocketException("the connection ended before the answer"));
            }

            _invocations.Clear();
        }
    }

    private void Handle(JsonNode message)
    {
        switch ((int?)message["type"])
        {
            case 1:
                _pushed.Writer.TryWrite(message);
                break;
            case 3:
                lock (_invocations)
                {
                    _invocations.Remove((string)message["invocationId"]!, out var done);
                    if (message["error"] is { } error)
                    {
                        done!.TrySetException(new InvalidOperationException((string)error!));
                    }
                    else
                    {
                        done!.TrySetResult(message["result"]?.DeepClone() ?? JsonValue.Create("")!);
                    }
                }

                break;
        }
    }

    private Task SendAsync(string json) =>
        _socket!.SendAsync(Encoding.UTF8.GetBytes(json + (char)RecordSeparator), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        Http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Sends back what the hub has set, whatever it says about expiry: the hub may live in <see cref="ManualTime"/>, and a
    /// <see cref="CookieContainer"/> judges by the clock on the wall. Whether a session has ended is the hub's to say.
    /// </summary>
    private sealed class CookieJar() : DelegatingHandler(new HttpClientHandler { UseCookies = false })
    {
        public string Header { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Header.Length > 0)
            {
                request.Headers.Add("Cookie", Header);
            }

            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.Headers.TryGetValues("Set-Cookie", out var set))
            {
                Header = string.Join("; ", set.Select(cookie => cookie.Split(';')[0]));
            }

            return answer;
        }
    }
}
