using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Storage.Telemetry.Forwarding;

namespace CareHub.Server.Bridge;

/// <summary>
/// One lane's connection to another broker, for ever: connect, subscribe, take, and after a break again. The session is
/// kept over there, so what was not acknowledged comes again.
/// </summary>
internal sealed partial class BridgeLink(BridgeOptions options, string clientId, BridgeState state, BridgeIntake intake, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ResubscribeAfter = TimeSpan.FromSeconds(30);

    /// <summary>A connection that lasted so long was a good one: the next pause is the shortest again.</summary>
    private static readonly TimeSpan GoodAfter = TimeSpan.FromSeconds(60);

    private readonly MqttClientSession _session = new();
    private readonly Backoff _backoff = new(PauseMin, PauseMax, Random.Shared);
    private readonly List<MqttSubscription> _subscriptions = [.. options.FiltersOf(state.Lane).Select(filter => new MqttSubscription(
        options.SharedGroup is { } group ? $"$share/{group}/{filter}" : filter,
        (byte)options.Qos,
        RetainHandling: 1))]; // retained messages once, not at every reconnect
    private bool _hasSession;

    /// <summary>Runs until it is told to stop; a failure is noted and tried again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var (began, acknowledged) = (time.GetTimestamp(), state.Acknowledged);
            string failure;
            try
            {
                failure = await ConnectAndServeAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failure = Describe(exception);
            }

            // Not "connected once": a message that fails each time must not make the link spin.
            if (state.Acknowledged > acknowledged || time.GetElapsedTime(began) > GoodAfter)
            {
                _backoff.Reset();
            }

            var pause = _backoff.Next(null);
            state.Failed(time.HubNow(), failure);
            LogFailed(state.Name, state.Lane, failure, pause.TotalSeconds);
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns why the connection ended.</summary>
    private async Task<string> ConnectAndServeAsync(CancellationToken stopping)
    {
        await using var client = await MqttClient.ConnectAsync(ClientOptions(), stopping);
        Greet(client.ConnectResult);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var subscribing = SubscribeAsync(client, over.Token);
        try
        {
            await SubscribedAsync(client, subscribing).WaitAsync(stopping);
            var closed = await client.Closed.WaitAsync(stopping);
            return closed.Exception is { } exception ? Describe(exception)
                : closed.Reason is { } reason ? $"the other broker ended the connection: {reason} {closed.ReasonString}".TrimEnd()
                : "the connection broke";
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await client.DisconnectAsync().WaitAsync(PauseMin, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        finally
        {
            await over.CancelAsync();
            state.Disconnected();
            await subscribing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SubscribedAsync(MqttClient client, Task subscribing)
    {
        try
        {
            await await Task.WhenAny(subscribing, client.Closed);
        }
        catch (MqttException)
        {
            // The connection has ended meanwhile, and will say why itself.
        }
    }

    private void Greet(MqttConnectResult connected)
    {
        state.Connected(time.HubNow(), connected.SessionPresent);
        if (_hasSession && !connected.SessionPresent)
        {
            LogSessionLost(state.Name, state.Lane);
        }

        _hasSession = true;
        LogConnected(state.Name, state.Lane, options.Url, connected.SessionPresent);
    }

    /// <summary>Subscribes always: a session that is there may have been made with other filters. What is refused is tried again; rights change.</summary>
    private async Task SubscribeAsync(MqttClient client, CancellationToken over)
    {
        var wanted = _subscriptions;
        while (true)
        {
            var answers = await client.SubscribeAsync(wanted).WaitAsync(over);
            var refused = new List<MqttSubscription>();
            for (var i = 0; i < wanted.Count; i++)
            {
                var answer = i < answers.Count ? answers[i] : ReasonCode.ProtocolError;
                if (answer >= ReasonCode.UnspecifiedError)
                {
                    refused.Add(wanted[i]);
                    state.Failed(time.HubNow(), $"the subscription to '{wanted[i].TopicFilter}' is refused: {answer}");
                    LogRefused(state.Name, state.Lane, wanted[i].TopicFilter, answer);
                }
                else if ((byte)answer < wanted[i].Qos)
                {
                    state.Failed(time.HubNow(), $"the subscription to '{wanted[i].TopicFilter}' is granted only at QoS {(byte)answer}");
                    LogLowered(state.Name, state.Lane, wanted[i].TopicFilter, (byte)answer, wanted[i].Qos);
                }
            }

            state.Refused([.. refused.Select(subscription => subscription.TopicFilter)]);
            if (refused.Count == 0)
            {
                return;
            }

            wanted = refused;
            await Task.Delay(ResubscribeAfter, time, over);
        }
    }

    private MqttClientOptions ClientOptions()
    {
        var address = options.Address;
        var isWebSocket = address.Scheme is "ws" or "wss";
        return new MqttClientOptions
        {
            Host = address.IdnHost, // without the brackets of an IPv6 address
            Port = address.Port > 0 ? address.Port : options.UsesTls ? 8883 : 1883,
            WebSocket = isWebSocket ? address : null,
            Tls = BridgeTls.OptionsOf(options),
            Version = options.ProtocolVersion,
            ClientId = clientId,
            Username = string.IsNullOrEmpty(options.User) ? null : options.User,
            Password = string.IsNullOrEmpty(options.Password) ? null : options.Password,
            CleanStart = false,
            SessionExpirySeconds = options.SessionExpirySeconds,
            KeepAliveSeconds = (ushort)options.KeepAliveSeconds,
            ReceiveMaximum = Limits.BridgeWindow,
            PacketBytesMax = Limits.BridgePacketBytesMax,
            Session = _session,
            OnMessage = OnMessageAsync,
            TimeProvider = time,
        };
    }

    private async ValueTask OnMessageAsync(MqttMessage message)
    {
        state.CountReceived();
        var acknowledged = false;
        try
        {
            // What follows writes to a socket; where the message was committed others wait to be.
            await intake.TakeAsync(message).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            acknowledged = message.Qos > 0;
        }
        catch (Exception failure) when (message.Qos == 0)
        {
            // It made no promise, and breaking the connection would not bring it back.
            state.CountLost();
            LogLost(failure, state.Name, state.Lane);
        }
        finally
        {
            state.CountDone(acknowledged);
        }
    }

    private static string Describe(Exception failure) => failure.InnerException is { } inner && !failure.Message.Contains(inner.Message, StringComparison.Ordinal)
        ? $"{failure.Message} {inner.Message}"
        : failure.Message;

    [LoggerMessage(7001, LogLevel.Information, "Bridge {Bridge}/{Lane} is connected to {Url} (session kept there: {SessionPresent})")]
    private partial void LogConnected(string bridge, BridgeLane lane, string url, bool sessionPresent);

    [LoggerMessage(7002, LogLevel.Warning, "Bridge {Bridge}/{Lane} has no connection: {Reason}. Next attempt in {Seconds:0.0} s")]
    private partial void LogFailed(string bridge, BridgeLane lane, string reason, double seconds);

    [LoggerMessage(7003, LogLevel.Error, "Bridge {Bridge}/{Lane} may not subscribe to '{Filter}': {Reason}. Its messages do not reach the hub")]
    private partial void LogRefused(string bridge, BridgeLane lane, string filter, ReasonCode reason);

    [LoggerMessage(7004, LogLevel.Error, "Bridge {Bridge}/{Lane} gets '{Filter}' only at QoS {Granted} instead of {Wanted}: messages can be lost on the way")]
    private partial void LogLowered(string bridge, BridgeLane lane, string filter, byte granted, byte wanted);

    [LoggerMessage(7006, LogLevel.Error, "A message of QoS 0 over bridge {Bridge}/{Lane} could not be kept and is lost")]
    private partial void LogLost(Exception failure, string bridge, BridgeLane lane);

    [LoggerMessage(7007, LogLevel.Warning, "Bridge {Bridge}/{Lane}: the other broker has forgotten the session; what came while the hub was away is lost")]
    private partial void LogSessionLost(string bridge, BridgeLane lane);
}
