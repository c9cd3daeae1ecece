using System.Text;
using CareHub.Core;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Simulation.Tests.Audit;
using CareHub.Simulation.Tests.Hub;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Actors;

/// <summary>
/// A device and its way to the hub: it says things, keeps each until it is acknowledged and says it again, falls silent and
/// comes back with what it has kept. Messages are lost, late, out of order and doubled on the way.
/// </summary>
internal sealed class SimDevice(Simulation world, Thing thing)
{
    private static readonly Dictionary<string, SignalKind[]> Says = new(StringComparer.Ordinal)
    {
        [DeviceKinds.EmergencyButton] = [SignalKind.Button],
        [DeviceKinds.FallSensor] = [SignalKind.Fall],
        [DeviceKinds.SmokeDetector] = [SignalKind.Smoke, SignalKind.Heat],
        [DeviceKinds.HeatDetector] = [SignalKind.Heat],
        [DeviceKinds.CoDetector] = [SignalKind.Co],
        [DeviceKinds.GasDetector] = [SignalKind.Gas],
        [DeviceKinds.WaterSensor] = [SignalKind.Water],
        [DeviceKinds.DoorSensor] = [SignalKind.Door, SignalKind.Wander],
        [DeviceKinds.BedSensor] = [SignalKind.BedExit, SignalKind.Inactivity],
        [DeviceKinds.VitalMonitor] = [SignalKind.Vital],
        [DeviceKinds.EnvironmentSensor] = [SignalKind.LowBattery],
        [DeviceKinds.Gateway] = [SignalKind.Fault],
        [DeviceKinds.PowerMonitor] = [SignalKind.Fault],
    };

    private static readonly SignalKind[] Common = [SignalKind.Tamper, SignalKind.Fault, SignalKind.LowBattery, SignalKind.Test, SignalKind.Restore];

    private readonly Dictionary<string, Said> _unacknowledged = new(StringComparer.Ordinal);
    private int _last;
    private int _connection;

    public Thing Thing => thing;

    public bool IsConnected { get; private set; } = true;

    public void Live()
    {
        world.Clock.After(world.Dice.Seconds(0, Town.IntervalSeconds), Beat);
        world.Clock.After(world.Dice.Exponential(world.Profile.DeviceEvery), Act);
    }

    /// <summary>A sign of life, like any reading.</summary>
    private void Beat()
    {
        if (IsConnected && !world.Loses())
        {
            world.ToHub(hub => hub.Presence.Reading(thing.Id));
        }

        world.Clock.After(TimeSpan.FromSeconds(Town.IntervalSeconds), Beat);
    }

    private void Act()
    {
        if (world.IsQuiet)
        {
            return;
        }

        var act = world.Dice.Between(0, 99);
        if (act < 45)
        {
            Speak(world.Dice.Of(Says[thing.Kind]));
        }
        else if (act < 60)
        {
            Speak(world.Dice.Of(Common));
        }
        else if (act < 75)
        {
            Say(SignalKind.Restore, world.Dice.Chance(0.5) ? null : Says[thing.Kind][0]);
        }
        else if (act < 80)
        {
            Chatter(world.Dice.Between(6, 16), Says[thing.Kind][0]);
        }
        else if (act < 88)
        {
            Vanish(world.Dice.Seconds(5, 300), leavesWill: world.Dice.Chance(0.5));
        }
        else if (act < 91)
        {
            world.Storm(thing.SiteId);
        }
        else if (act < 93 && thing.Kind == DeviceKinds.Gateway)
        {
            world.GatewayFails(thing.Id, world.Dice.Seconds(60, 400));
        }
        else
        {
            Reconnect();
        }

        world.Clock.After(world.Dice.Exponential(world.Profile.DeviceEvery), Act);
    }

    public void Speak(SignalKind kind)
    {
        Say(kind, null);
        if (kind == SignalKind.Fall && world.Dice.Chance(0.5))
        {
            world.Clock.After(world.Dice.Seconds(1, 30), () => Say(SignalKind.Cancel, null));
        }
        else if (kind is SignalKind.Button or SignalKind.Fall && world.Dice.Chance(0.4))
        {
            world.Clock.After(world.Dice.Seconds(1, 180), () => Say(kind, null));
        }
    }

    public void SpeakOfItself() => Speak(world.Dice.Of(Says[thing.Kind]));

    /// <summary>Out of reach for a time; what it has to say waits in it.</summary>
    public void Vanish(TimeSpan time, bool leavesWill)
    {
        if (!IsConnected)
        {
            return;
        }

        IsConnected = false;
        var connection = ++_connection;
        world.Trace.Add($"{thing.Id}: gone for {time.TotalSeconds:0} s");
        if (leavesWill)
        {
            world.Clock.After(world.Dice.Seconds(1, 60), () =>
            {
                if (!IsConnected && connection == _connection)
                {
                    world.ToHub(hub => hub.Presence.Will(thing.Id));
                }
            });
        }

        world.Clock.After(time, Return);
    }

    /// <summary>Connected anew: what has not been acknowledged is said again, in order.</summary>
    public void Return()
    {
        if (IsConnected)
        {
            return;
        }

        IsConnected = true;
        world.ToHub(hub => hub.Presence.Reading(thing.Id));
        foreach (var said in _unacknowledged.Values.OrderBy(said => said.Order).ToList())
        {
            Send(said);
        }
    }

    public void Reconnect()
    {
        if (!IsConnected)
        {
            return;
        }

        IsConnected = false;
        _connection++;
        world.Clock.After(world.Dice.Seconds(1, 10), Return);
    }

    /// <summary>A kept backlog, in one burst.</summary>
    public void Flood(int count)
    {
        var backlog = Enumerable.Range(0, count).Select(_ => Keep(SignalKind.Test, null)).ToList();
        world.Trace.Add($"{thing.Id}: says {count} at once");
        world.ToHub(hub => backlog.ForEach(said => Arrive(hub, said)));
        backlog.ForEach(SendAgainLater);
    }

    private void Chatter(int times, SignalKind kind)
    {
        if (times == 0 || world.IsQuiet)
        {
            return;
        }

        Say(times % 2 == 0 ? kind : SignalKind.Restore, times % 2 == 0 ? null : kind);
        world.Clock.After(world.Dice.Seconds(1, 20), () => Chatter(times - 1, kind));
    }

    private void Say(SignalKind kind, SignalKind? of)
    {
        if (world.IsQuiet)
        {
            return;
        }

        var said = Keep(kind, of);
        world.Trace.Add($"{thing.Id}: says {said.Id} {kind}{(of is null ? "" : $" of {of}")}{(said.IsBuffered ? " (kept)" : "")}");
        Send(said);
        SendAgainLater(said);
    }

    /// <summary>From now on it is the device's to keep until the hub has it.</summary>
    private Said Keep(SignalKind kind, SignalKind? of)
    {
        double? confidence = kind == SignalKind.Fall ? world.Dice.Of([0.3, 0.7, 0.95]) : null;
        var said = new Said(thing.Id, $"{thing.Id}-{++_last:0000}", _last, kind, of, confidence, world.Clock.Now, IsBuffered: !IsConnected);
        _unacknowledged.Add(said.Id, said);
        world.Auditor.Said(said);
        return said;
    }

    private void SendAgainLater(Said said) => world.Clock.After(world.Dice.Seconds(6, 12), () => SendAgain(said));

    private void SendAgain(Said said)
    {
        if (!_unacknowledged.ContainsKey(said.Id))
        {
            return;
        }

        Send(said);
        SendAgainLater(said);
    }

    private void Send(Said said)
    {
        if (!IsConnected)
        {
            return;
        }

        for (var copies = world.Loses() ? 0 : world.Loses() ? 2 : 1; copies > 0; copies--)
        {
            var connection = _connection;
            world.ToHub(hub =>
            {
                if (connection == _connection)
                {
                    Arrive(hub, said);
                }
            });
        }
    }

    private void Arrive(HubLife hub, Said said)
    {
        world.Auditor.Delivered(said.DeviceId, said.Id);
        hub.Presence.Signal(thing.Id, Payload(said), () => Acknowledge(said), () => Refused(said));
    }

    private void Acknowledge(Said said)
    {
        world.Auditor.Acknowledged(said.DeviceId, said.Id);
        world.Trace.Add($"hub: acknowledges {said.Id}");
        if (!world.Loses())
        {
            world.Clock.After(world.Dice.Ms(5, 200), () => _unacknowledged.Remove(said.Id));
        }
    }

    /// <summary>The hub could not keep it, and has broken the connection.</summary>
    private void Refused(Said said)
    {
        world.Auditor.Refused(said.DeviceId, said.Id);
        Reconnect();
    }

    private static byte[] Payload(Said said)
    {
        var json = new StringBuilder($$"""{"id":"{{said.Id}}","type":"{{Words<SignalKind>.Of(said.Kind)}}","at":"{{said.At.UtcDateTime:O}}","buffered":{{(said.IsBuffered ? "true" : "false")}}""");
        if (said.Of is { } of)
        {
            json.Append($",\"of\":\"{Words<SignalKind>.Of(of)}\"");
        }

        if (said.Confidence is { } confidence)
        {
            json.Append($",\"confidence\":{confidence:0.0#}");
        }

        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }
}
