using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Broker;

/// <summary>The last topic a connection published to and who got it, valid for one version of the subscription tree.</summary>
internal sealed class MatchCache
{
    /// <summary>More receivers than this are looked up each time rather than remembered by each of many publishers.</summary>
    public const int SessionsMax = 16;

    public byte[] Topic { get; set; } = [];

    public int Version { get; set; } = -1;

    public MatchedSession[] Matches { get; set; } = [];
}

/// <summary>Takes a message to the retained store and to every matching session.</summary>
internal sealed class Router(BrokerCore broker)
{
    [ThreadStatic]
    private static List<MatchedSession>? s_matches;

    /// <summary>Routes. Returns the number of sessions with a matching subscription.</summary>
    public int Route(ref MessageView message, Session? publisher, MatchCache? cache = null)
    {
        if (message.Retain && !broker.Retained.Set(ref message))
        {
            broker.Statistics.CountRetainedFull();
        }

        if (cache is not null && cache.Version == broker.Tree.Version && message.Topic.SequenceEqual(cache.Topic))
        {
            Deliver(ref message, cache.Matches);
            return cache.Matches.Length;
        }

        var matches = s_matches ??= [];
        var version = broker.Tree.Match(message.Topic, publisher, matches);
        var count = matches.Count;
        Deliver(ref message, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(matches));
        if (cache is not null && version >= 0 && count <= MatchCache.SessionsMax)
        {
            cache.Topic = message.Topic.SequenceEqual(cache.Topic) ? cache.Topic : message.Topic.ToArray();
            cache.Matches = [.. matches];
            cache.Version = version;
        }

        matches.Clear();
        return count;
    }

    /// <summary>Sends the retained messages of a new subscription [MQTT-3.3.1-9]; never for a shared one (§4.8.2).</summary>
    public void SendRetained(Session session, Subscription subscription)
    {
        var allowed = false;
        var decided = false;
        broker.Retained.ForEachMatch(subscription.Shared.Filter, broker.Clock.NowMs, message =>
        {
            lock (session)
            {
                if (!decided)
                {
                    decided = true;
                    allowed = session.MayQueueRetained();
                }

                if (!allowed || session.IsDiscarded)
                {
                    broker.Statistics.CountQueueFull();
                    return;
                }

                session.EnqueueRetained(message, Math.Min(message.Qos, subscription.Qos), subscription.Ids);
            }
        });
        lock (session)
        {
            session.Pump();
        }
    }

    private static void Deliver(ref MessageView message, ReadOnlySpan<MatchedSession> matches)
    {
        foreach (ref readonly var match in matches)
        {
            // RETAIN is kept only for subscriptions that ask for it [MQTT-3.3.1-12], [MQTT-3.3.1-13].
            match.Session.Deliver(ref message, Math.Min(message.Qos, match.Qos), match.RetainAsPublished && message.Retain, match.Ids);
        }
    }
}
