using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Tests.Sessions;

/// <summary>Packet identifiers and what they stand for.</summary>
public sealed class InflightWindowTests
{
    private static Delivery Some(byte qos) => new(new StoredMessage("t"u8, default, default, qos, false, StoredMessage.Never), qos, false, null);

    [Fact]
    public void It_agrees_with_a_dictionary_under_random_use()
    {
        var random = new Random(11_22);
        var window = new InflightWindow();
        var model = new SortedDictionary<long, (ushort Id, InflightState State)>();
        long order = 0;
        for (var step = 0; step < 30_000; step++)
        {
            var choice = random.Next(100);
            if (choice < 50 && window.Span < 1_000)
            {
                var qos = (byte)random.Next(1, 3);
                var id = window.Add(Some(qos));
                Assert.NotEqual(0, id);
                Assert.DoesNotContain(id, model.Values.TakeLast(5).Select(e => e.Id));
                model.Add(order++, (id, qos == 1 ? InflightState.AwaitPuback : InflightState.AwaitPubrec));
            }
            else if (model.Count > 0)
            {
                var (key, (id, state)) = choice < 90 ? model.First() : model.ElementAt(random.Next(Math.Min(20, model.Count)));
                Assert.Equal(state, window.StateOf(id));
                if (state == InflightState.AwaitPubrec && random.Next(2) == 0)
                {
                    window.Received(id);
                    model[key] = (id, InflightState.AwaitPubcomp);
                }
                else
                {
                    window.Finish(id);
                    model.Remove(key);
                    Assert.Equal(InflightState.Done, window.StateOf(id));
                }
            }

            Assert.Equal(model.Count, window.Outstanding);
        }

        window.Rewind();
        foreach (var (_, (id, state)) in model)
        {
            Assert.True(window.TryNextUnsent(out var next, out var entry));
            Assert.Equal((id, state), (next, entry.State)); // [MQTT-4.6.0-1]
            window.MarkSent();
        }

        Assert.False(window.TryNextUnsent(out _, out _));
        Assert.Equal(model.Count, window.Outstanding);
    }

    [Fact]
    public void One_that_is_never_acknowledged_does_not_stop_the_others()
    {
        var window = new InflightWindow();
        var stuck = window.Add(Some(1));
        for (var i = 0; i < 65_534; i++)
        {
            var id = window.Add(Some(1));
            Assert.NotEqual(stuck, id); // [MQTT-2.2.1-3]
            window.Finish(id);
        }

        Assert.True(window.IsFull);
        window.Finish(stuck);
        Assert.Equal(0, window.Span);
        Assert.Equal(stuck, window.Add(Some(1)));
    }
}
