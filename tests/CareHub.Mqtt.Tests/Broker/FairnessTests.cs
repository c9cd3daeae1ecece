using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Tests.Support;
using CareHub.Mqtt.Transport;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Broker;

/// <summary>Connections share an event loop: who floods it must not hold up who presses a button.</summary>
public sealed class FairnessTests
{
    private const int Flooders = 20;
    private const int Messages = 100;

    /// <summary>What a turn of 16 KiB takes of messages of 1 KB, and one that the turn before has left half read.</summary>
    private const int MessagesOfTurn = 17;

    [EventLoopFact]
    public async Task Who_sends_little_waits_for_one_turn_of_a_flood_and_not_for_one_of_each_who_floods()
    {
        // Every flooder has had a turn and is known for what it is when the button is pressed.
        const int PressedAt = Flooders * MessagesOfTurn * 2;
        using ManualResetEventSlim allSent = new(), pressed = new(), reached = new();
        var flooded = 0;
        var waited = -1;
        var handler = new ScriptedHandler
        {
            OnPublish = seen =>
            {
                if (seen.Topic == "button")
                {
                    waited = flooded - PressedAt;
                }
                else if (++flooded == 1)
                {
                    allSent.Wait();
                }
                else if (flooded == PressedAt)
                {
                    reached.Set();
                    pressed.Wait();
                }

                return new(PublishVerdict.Consume);
            },
        };
        await using var broker = await TestBroker.StartAsync(handler, configure: o => o.EventLoops = 1);
        var button = await broker.ConnectAsync(4, "button");
        var clients = new List<RawClient> { button };
        for (var i = 0; i < Flooders; i++)
        {
            clients.Add(await broker.ConnectAsync(4, $"flooder{i}"));
        }

        var flood = Join([.. Enumerable.Repeat(Publish(4, "flood", new string('x', 1_000)), Messages)]);
        foreach (var flooder in clients.Skip(1))
        {
            await flooder.SendAsync(flood);
        }

        allSent.Set();
        await Wait.UntilAsync(() => reached.IsSet);
        await button.SendAsync(Publish(4, "button", "pressed"));
        pressed.Set();
        await Wait.UntilAsync(() => Volatile.Read(ref flooded) == Flooders * Messages && Volatile.Read(ref waited) >= 0);
        Assert.InRange(waited, 0, 2 * MessagesOfTurn);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>Where there is no event loop Kestrel serves, in an order of its own.</summary>
    private sealed class EventLoopFactAttribute : FactAttribute
    {
        public EventLoopFactAttribute() => Skip = LinuxSockets.IsSupported ? null : "needs the event loop, which is that of Linux on x64";
    }
}
