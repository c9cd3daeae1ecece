using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Torture;

/// <summary>An open alarm as a console has it.</summary>
internal readonly record struct Shown(int Version, bool Active, bool Acknowledged);

/// <summary>
/// A console that never gives up: follows its stream by number, asks for what it missed after each connection, and acts on
/// what it shows. It notes whatever a console must never see.
/// </summary>
internal sealed class TortureConsole(string user, Uri hub, int seed, bool acts)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, Shown> _open = new(StringComparer.Ordinal);
    private string? _epoch;
    private long _seq;

    public List<string> Violations { get; } = [];

    public int Connections { get; private set; }

    public int Deltas { get; private set; }

    public IReadOnlyDictionary<string, Shown> Open
    {
        get
        {
            lock (_open)
            {
                return new Dictionary<string, Shown>(_open, StringComparer.Ordinal);
            }
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var console = await TestConsole.SignInAsync(hub, user, TestHub.Password);
                await console.ConnectAsync();
                Connections++;
                await FollowAsync(console, stop);
            }
            catch (Exception gone) when (gone is HttpRequestException or WebSocketException or IOException or ChannelClosedException or TaskCanceledException or InvalidOperationException && !stop.IsCancellationRequested)
            {
                await Task.Delay(20 + _random.Next(80), CancellationToken.None);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task FollowAsync(TestConsole console, CancellationToken stop)
    {
        await SubscribeAsync(console);
        await foreach (var message in console.Pushed.ReadAllAsync(stop))
        {
            var argument = message["arguments"]![0]!;
            switch ((string?)message["target"])
            {
                case "delta" when (long)argument["seq"]! > _seq:
                    if ((long)argument["seq"]! != _seq + 1)
                    {
                        await SubscribeAsync(console);
                        break;
                    }

                    _seq++;
                    Deltas++;
                    Show(argument["alarm"]!);
                    if (acts)
                    {
                        await ActAsync(console, argument["alarm"]!);
                    }

                    break;
                case "heartbeat" when (long)argument["seq"]! > _seq:
                    await SubscribeAsync(console);
                    break;
            }
        }
    }

    private async Task SubscribeAsync(TestConsole console)
    {
        var snapshot = await console.InvokeAsync("Subscribe", _epoch is null ? [null] : [new { epoch = _epoch, seq = _seq }]);
        var full = (bool)snapshot["full"]!;
        if (!full && (string)snapshot["epoch"]! != _epoch)
        {
            Violations.Add($"{user}: a hub of another life continued the stream of {_epoch}");
        }

        (_epoch, _seq) = ((string)snapshot["epoch"]!, (long)snapshot["seq"]!);
        lock (_open)
        {
            if (full)
            {
                _open.Clear();
            }
        }

        var alarms = snapshot["alarms"]!.AsArray();
        if (full && alarms.Select(alarm => (string)alarm!["id"]!).Distinct(StringComparer.Ordinal).Count() != alarms.Count)
        {
            Violations.Add($"{user}: a snapshot shows an alarm twice");
        }

        foreach (var alarm in alarms)
        {
            Show(alarm!);
        }
    }

    private void Show(JsonNode alarm)
    {
        var (id, shown) = ((string)alarm["id"]!, new Shown((int)alarm["version"]!, (bool)alarm["active"]!, (bool)alarm["acknowledged"]!));
        lock (_open)
        {
            if (_open.TryGetValue(id, out var before) && before.Version > shown.Version)
            {
                Violations.Add($"{user}: {id} went back from version {before.Version} to {shown.Version}");
            }

            if ((string?)alarm["state"] == "closed")
            {
                _open.Remove(id);
            }
            else
            {
                _open[id] = shown;
            }
        }
    }

    /// <summary>Some alarms are seen, acknowledged and closed, so that others can begin; a refusal is an answer too.</summary>
    private async Task ActAsync(TestConsole console, JsonNode alarm)
    {
        var (id, version) = ((string)alarm["id"]!, (int)alarm["version"]!);
        switch (_random.Next(12))
        {
            case 0:
                await console.InvokeAsync("Seen", (object)new[] { id });
                break;
            case 1:
                await console.PostAsync($"/api/v1/alarms/{id}/acknowledge", new { version });
                break;
            case 2 or 3:
                await console.PostAsync($"/api/v1/alarms/{id}/resolve", new { version, disposition = "real" });
                break;
        }
    }
}
