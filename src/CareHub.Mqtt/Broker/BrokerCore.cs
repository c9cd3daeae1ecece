using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Topics;
using Microsoft.Extensions.Logging;

namespace CareHub.Mqtt.Broker;

/// <summary>What all connections of one broker share.</summary>
internal sealed class BrokerCore
{
    private long _queuedBytes;

    public BrokerCore(MqttServerOptions options, IMqttHandler handler, ILogger logger, TimeProvider time)
    {
        Options = options;
        Limits = options.Limits;
        Handler = handler;
        Logger = logger;
        Clock = new BrokerClock(time);
        Tree = new SubscriptionTree();
        Journal = new SessionJournal(options.SessionStore, Clock);
        Retained = new RetainedStore(Limits.RetainedMessagesMax, Limits.RetainedBytesMax, Journal);
        Router = new Router(this);
        Sessions = new SessionRegistry(this);
        Connections = new ConnectionSet();
    }

    public MqttServerOptions Options { get; }

    public MqttLimits Limits { get; }

    public IMqttHandler Handler { get; }

    public ILogger Logger { get; }

    public BrokerClock Clock { get; }

    public SubscriptionTree Tree { get; }

    public RetainedStore Retained { get; }

    public SessionJournal Journal { get; }

    public Router Router { get; }

    public SessionRegistry Sessions { get; }

    public ConnectionSet Connections { get; }

    public BrokerStatistics Statistics { get; } = new();

    /// <summary>Bytes in all sessions' queues.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    public void CountQueued(long bytes) => Interlocked.Add(ref _queuedBytes, bytes);

    /// <summary>Brings back what the store kept. Called before the broker listens.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var state = await Journal.LoadAsync(cancellationToken).ConfigureAwait(false);
        foreach (var message in state.Retained)
        {
            Retained.Restore(Journal.Restore(message));
        }

        foreach (var stored in state.Sessions)
        {
            Sessions.Restore(stored);
        }

        Journal.EndRestore();
    }

    /// <summary>Publishes a will through the handler, as its client would have. Not called under any lock.</summary>
    public void PublishWill(Will will)
    {
        ValueTask<PublishVerdict> task;
        try
        {
            task = Handler.PublishAsync(new InboundPublish
            {
                Peer = will.Peer,
                TopicUtf8 = will.Message.Topic,
                Payload = will.Message.Payload,
                Qos = will.Message.Qos,
                Retain = will.Message.Retain,
                IsWill = true,
            });
        }
        catch (Exception exception)
        {
            BrokerLog.WillFailed(Logger, will.Peer.ClientId, exception);
            return;
        }

        if (task.IsCompletedSuccessfully)
        {
            RouteWill(will, task.Result);
            return;
        }

        _ = FinishWillAsync(will, task);
    }

    private async Task FinishWillAsync(Will will, ValueTask<PublishVerdict> task)
    {
        try
        {
            RouteWill(will, await task.ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            BrokerLog.WillFailed(Logger, will.Peer.ClientId, exception);
        }
    }

    private void RouteWill(Will will, PublishVerdict verdict)
    {
        if (!verdict.Route)
        {
            return;
        }

        var message = will.Message;
        var stored = new StoredMessage(
            message.Topic,
            new Codec.ForwardedProperties(message.Properties, default, default),
            message.Payload,
            message.Qos,
            message.Retain,
            Clock.After(message.ExpirySeconds));
        var view = new MessageView(stored);
        Router.Route(ref view, publisher: null);
        Codec.FlushBatch.Current.FlushAll();
    }
}
