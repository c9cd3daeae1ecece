using System.Text;
using CareHub.Mqtt.Packets;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Tests.Support;

/// <summary>A hub without a network: it says what it is told to say, and keeps what it was sent.</summary>
internal sealed class FakeLinks : IDeviceLinkFactory
{
    public List<FakeLink> Links { get; } = [];

    /// <summary>What a CONNECT gets; null leaves it waiting.</summary>
    public Func<ReasonCode?> OnConnect { get; set; } = () => ReasonCode.Success;

    /// <summary>What a publish gets; null leaves it waiting.</summary>
    public Func<FakePublish, ReasonCode?> OnPublish { get; set; } = _ => ReasonCode.Success;

    public List<FakePublish> Publishes { get; } = [];

    public IEnumerable<FakePublish> Signals => Publishes.Where(publish => publish.Topic.EndsWith("/signal", StringComparison.Ordinal));

    public IEnumerable<FakeLink> Open => Links.Where(link => link.IsOpen);

    public IDeviceLink Create(DeviceIdentity device)
    {
        var link = new FakeLink(this);
        Links.Add(link);
        return link;
    }
}

internal sealed class FakeLink(FakeLinks hub) : IDeviceLink
{
    private readonly TaskCompletionSource _closed = new();
    private readonly TaskCompletionSource<ReasonCode> _connected = new();

    public bool IsOpen { get; private set; }

    public bool SaidGoodbye { get; private set; }

    public Task Closed => _closed.Task;

    public Task<ReasonCode> ConnectAsync(CancellationToken cancellationToken)
    {
        if (hub.OnConnect() is { } reason)
        {
            IsOpen = reason == ReasonCode.Success;
            _connected.TrySetResult(reason);
        }

        cancellationToken.Register(() => _connected.TrySetCanceled(cancellationToken));
        return _connected.Task;
    }

    public Task<ReasonCode> PublishAsync(string topic, ReadOnlyMemory<byte> payload, byte qos, bool retain)
    {
        Assert.True(IsOpen);
        var publish = new FakePublish(this, topic, Encoding.UTF8.GetString(payload.Span), qos, retain);
        hub.Publishes.Add(publish);
        if (hub.OnPublish(publish) is { } reason)
            publish.Acknowledge(reason);
        return publish.Acknowledged;
    }

    public void Abort() => Close();

    public Task DisconnectAsync()
    {
        SaidGoodbye = true;
        Close();
        return Task.CompletedTask;
    }

    /// <summary>The network, or the hub, ends it.</summary>
    public void Close()
    {
        IsOpen = false;
        foreach (var publish in hub.Publishes.Where(publish => publish.Link == this))
            publish.Fail();
        _closed.TrySetResult();
    }
}

internal sealed record FakePublish(FakeLink Link, string Topic, string Payload, byte Qos, bool Retain)
{
    private readonly TaskCompletionSource<ReasonCode> _acknowledged = new();

    public Task<ReasonCode> Acknowledged => _acknowledged.Task;

    public void Acknowledge(ReasonCode reason = ReasonCode.Success) => _acknowledged.TrySetResult(reason);

    public void Fail()
    {
        _acknowledged.TrySetException(new IOException("the connection has ended"));
        _ = _acknowledged.Task.Exception;
    }
}
