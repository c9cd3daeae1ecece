using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Tests.Support;

namespace CareHub.Mqtt.Tests.Client;

/// <summary>A message's callback is its acknowledgement: §4.3, §4.4, §4.6, §4.9 on the receiving side of a client.</summary>
public sealed class AcknowledgementTests
{
    private static MqttClientOptions Persistent(TestBroker broker, MqttVersion version, Func<MqttMessage, ValueTask> onMessage) => new()
    {
        Port = broker.Endpoint.Port,
        Version = version,
        ClientId = "me",
        CleanStart = false,
        SessionExpirySeconds = 1_000,
        KeepAliveSeconds = 0,
        OnMessage = onMessage,
    };

    private static void Send(TestBroker broker, string text, byte qos = 1) => broker.Server.Publish("t", Encoding.UTF8.GetBytes(text), qos, false);

    private static string Text(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Acknowledgements_leave_in_order_of_arrival_whatever_is_done_first(MqttVersion version) // [MQTT-4.6.0-2]
    {
        await using var broker = await TestBroker.StartAsync();
        var gates = new ConcurrentDictionary<string, TaskCompletionSource>();
        var again = new ConcurrentQueue<string>();
        await using (var client = await MqttClient.ConnectAsync(Persistent(broker, version, message => new(gates.GetOrAdd(Text(message), _ => new()).Task))))
        {
            await client.SubscribeAsync("t", 1);
            Send(broker, "1");
            Send(broker, "2");
            Send(broker, "3");
            await Wait.UntilAsync(() => gates.Count == 3);
            gates["2"].SetResult();
            gates["3"].SetResult();
            await client.PublishAsync("other", default, 1); // whatever was to be sent has been
        }

        // The first was not done: none of them is acknowledged.
        await broker.ConnectionsAsync(0);
        await using var second = await MqttClient.ConnectAsync(Persistent(broker, version, message => { again.Enqueue(Text(message)); return default; }));
        await Wait.UntilAsync(() => again.Count == 3);
        Assert.Equal(["1", "2", "3"], again);
    }

    [Fact]
    public async Task After_one_that_failed_nothing_more_is_acknowledged()
    {
        await using var broker = await TestBroker.StartAsync();
        var gates = new ConcurrentDictionary<string, TaskCompletionSource>();
        var client = await MqttClient.ConnectAsync(Persistent(broker, MqttVersion.V5, message => new(gates.GetOrAdd(Text(message), _ => new()).Task)));
        await client.SubscribeAsync("t", 1);
        Send(broker, "1");
        Send(broker, "2");
        await Wait.UntilAsync(() => gates.Count == 2);
        gates["2"].SetResult();
        gates["1"].SetException(new IOException("no room"));
        Assert.Equal("no room", (await client.Closed).Exception!.Message);
        await broker.ConnectionsAsync(0);

        var again = new ConcurrentQueue<string>();
        await using var second = await MqttClient.ConnectAsync(Persistent(broker, MqttVersion.V5, message => { again.Enqueue(Text(message)); return default; }));
        await Wait.UntilAsync(() => again.Count == 2);
        Assert.Equal(["1", "2"], again);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task No_more_wait_than_the_window_allows(MqttVersion version)
    {
        await using var broker = await TestBroker.StartAsync();
        var gates = new BlockingCollection<TaskCompletionSource>();
        var (waiting, most) = (0, 0);
        var options = Persistent(broker, version, async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref waiting));
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gates.Add(gate);
            await gate.Task;
            Interlocked.Decrement(ref waiting);
        });
        options.ReceiveMaximum = 2;
        await using var client = await MqttClient.ConnectAsync(options);
        await client.SubscribeAsync("t", 1);
        for (var i = 0; i < 30; i++)
        {
            Send(broker, $"{i}");
        }

        for (var i = 0; i < 30; i++)
        {
            Assert.True(gates.TryTake(out var gate, 10_000));
            gate!.SetResult();
        }

        Assert.InRange(most, 1, 3);
        Assert.False(client.Closed.IsCompleted);
    }

    [Fact]
    public async Task Callbacks_that_are_far_behind_do_not_look_like_a_dead_server()
    {
        await using var broker = await TestBroker.StartAsync();
        var gate = new TaskCompletionSource();
        var began = 0;
        var time = new ManualTime();
        var options = Persistent(broker, MqttVersion.V311, _ => { Interlocked.Increment(ref began); return new(gate.Task); });
        (options.ReceiveMaximum, options.KeepAliveSeconds, options.TimeProvider) = (1, 10, time);
        await using var client = await MqttClient.ConnectAsync(options);
        await client.SubscribeAsync("t", 1);
        Send(broker, "1");
        Send(broker, "2");
        await Wait.UntilAsync(() => Volatile.Read(ref began) == 2);
        for (var i = 0; i < 20; i++)
        {
            time.AdvanceSeconds(5);
        }

        Assert.False(client.Closed.IsCompleted);
        gate.SetResult();
        Assert.True((await client.PublishAsync("other", default, 1)).IsSuccess);
    }

    [Theory]
    [InlineData(MqttVersion.V311, true)]
    [InlineData(MqttVersion.V5, true)]
    [InlineData(MqttVersion.V5, false)]
    public async Task With_a_session_QoS_2_is_delivered_once_although_its_PUBREC_was_lost(MqttVersion version, bool remembers)
    {
        await using var broker = await TestBroker.StartAsync();
        var got = new ConcurrentQueue<string>();
        MuteStream? stream = null;
        var options = Persistent(broker, version, message => { got.Enqueue(Text(message)); return default; });
        options.Session = remembers ? new MqttClientSession() : null;
        options.OpenStream = async cancellation =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(broker.Endpoint, cancellation);
            return stream = new MuteStream(new NetworkStream(socket, ownsSocket: true));
        };
        await using (var client = await MqttClient.ConnectAsync(options))
        {
            await client.SubscribeAsync("t", 2);
            stream!.IsMute = true;
            Send(broker, "1", qos: 2);
            await Wait.UntilAsync(() => got.Count == 1 && stream.Swallowed > 0);
        }

        await broker.ConnectionsAsync(0);
        await using var second = await MqttClient.ConnectAsync(options);
        Send(broker, "2", qos: 2);
        await Wait.UntilAsync(() => got.Contains("2"));
        Assert.Equal(remembers ? ["1", "2"] : ["1", "1", "2"], got);
    }

    [Fact]
    public void What_a_former_connection_finishes_late_is_not_taken_for_a_later_message()
    {
        var session = new MqttClientSession();
        var former = session.Begin(sessionPresent: false);
        var current = session.Begin(sessionPresent: true);
        session.Take(former, 5);
        Assert.False(session.IsTaken(5));
        session.Take(current, 5);
        Assert.True(session.IsTaken(5));
        session.Begin(sessionPresent: true);
        Assert.True(session.IsTaken(5));
        session.Begin(sessionPresent: false);
        Assert.False(session.IsTaken(5));
    }

    /// <summary>A network that loses what the client sends from some moment on.</summary>
    private sealed class MuteStream(Stream inner) : Stream
    {
        private int _swallowed;

        public volatile bool IsMute;

        public int Swallowed => Volatile.Read(ref _swallowed);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!IsMute)
            {
                return inner.WriteAsync(buffer, cancellationToken);
            }

            Interlocked.Increment(ref _swallowed);
            return default;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
