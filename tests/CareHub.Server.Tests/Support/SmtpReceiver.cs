using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CareHub.Server.Tests.Support;

/// <summary>A mail server on a real socket, just enough of RFC 5321; it fails as the test says.</summary>
internal sealed class SmtpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _mails = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SmtpReceiver()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Answer to the end of a mail, counted from 0; null: it hangs up without a word.</summary>
    public Func<int, string?> AfterData { get; set; } = _ => "250 2.0.0 queued";

    /// <summary>Whether to greet the connection, counted from 0; without, it hangs.</summary>
    public Func<int, bool> Greets { get; set; } = _ => true;

    /// <summary>What the hub signed in with, as it came.</summary>
    public IReadOnlyList<string> SignIn { get; private set; } = [];

    /// <summary>Answer to a recipient.</summary>
    public string Recipient { get; set; } = "250 ok";

    /// <summary>Mails that came whole, whatever was answered.</summary>
    public IReadOnlyList<string> Mails => [.. _mails];

    private async Task AcceptAsync()
    {
        var connections = 0;
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopped.Token), connections++);
            }
        }
        catch (Exception over) when (over is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client, int connection)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII);
                await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                if (!Greets(connection))
                {
                    await reader.ReadLineAsync(_stopped.Token);
                    return;
                }

                await writer.WriteLineAsync("220 test");
                while (await reader.ReadLineAsync(_stopped.Token) is { } line)
                {
                    var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                    if (verb == "AUTH")
                    {
                        await writer.WriteLineAsync("334 UGFzc3dvcmQ6");
                        SignIn = [line, await reader.ReadLineAsync(_stopped.Token) ?? ""];
                        await writer.WriteLineAsync("235 welcome");
                        continue;
                    }

                    if (verb != "DATA")
                    {
                        await writer.WriteLineAsync(verb switch { "EHLO" => "250-test\r\n250 AUTH LOGIN", "RCPT" => Recipient, "QUIT" => "221 bye", _ => "250 ok" });
                        continue;
                    }

                    await writer.WriteLineAsync("354 go on");
                    if (await TakeAsync(reader) is not { } answer)
                    {
                        return;
                    }

                    await writer.WriteLineAsync(answer);
                }
            }
            catch (Exception over) when (over is IOException or OperationCanceledException)
            {
                // The hub hung up.
            }
        }
    }

    private async Task<string?> TakeAsync(StreamReader reader)
    {
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(_stopped.Token) is { } line && line != ".")
        {
            mail.Append(line).Append('\n');
        }

        var number = _mails.Count;
        _mails.Enqueue(mail.ToString());
        return AfterData(number);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
    }
}
