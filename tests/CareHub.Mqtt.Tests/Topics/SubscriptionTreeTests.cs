using System.Text;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Mqtt.Tests.Topics;

/// <summary>The tree against a plain reading of the matching rules.</summary>
public sealed class SubscriptionTreeTests
{
    [Fact]
    public void It_agrees_with_the_rules_for_random_filters_and_topics()
    {
        var random = new Random(2_026);
        var core = new BrokerCore(new MqttServerOptions(), new OpenMqttHandler(), NullLogger.Instance, TimeProvider.System);
        string Level(bool filter) => random.Next(filter ? 6 : 4) switch { 0 => "a", 1 => "b", 2 => "", 3 => "$x", 4 => "+", _ => "+" };
        string Path(bool filter)
        {
            var levels = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Level(filter)).ToList();
            if (filter && random.Next(4) == 0)
            {
                levels.Add("#");
            }

            var path = string.Join('/', levels);
            return path.Length == 0 ? "a" : path;
        }

        for (var round = 0; round < 300; round++)
        {
            var tree = new SubscriptionTree();
            var subscriptions = new List<Subscription>();
            for (var i = 0; i < 12; i++)
            {
                var filter = Path(filter: true);
                var subscription = new Subscription(new Session($"s{i}", core), filter, new SharedFilter(null, filter));
                tree.Add(subscription);
                subscriptions.Add(subscription);
            }

            foreach (var removed in subscriptions.Take(4).ToArray())
            {
                tree.Remove(removed);
                subscriptions.Remove(removed);
            }

            for (var i = 0; i < 20; i++)
            {
                var topic = Path(filter: false);
                var matches = new List<MatchedSession>();
                tree.Match(Encoding.UTF8.GetBytes(topic), null, matches);
                var expected = subscriptions.Where(s => Matches(s.TopicFilter, topic)).Select(s => s.Session.ClientId).Order();
                Assert.Equal(expected, matches.Select(m => m.Session.ClientId).Order());
            }

            subscriptions.ForEach(tree.Remove);
            Assert.Equal(0, tree.Count);
        }
    }

    /// <summary>§4.7.1, word for word.</summary>
    private static bool Matches(string filter, string topic)
    {
        if (topic.StartsWith('$') && filter[0] is '+' or '#' && topic.StartsWith('$'))
        {
            return false;
        }

        string[] f = filter.Split('/'), t = topic.Split('/');
        for (var i = 0; i < f.Length; i++)
        {
            if (f[i] == "#")
            {
                return t.Length >= i;
            }

            if (i >= t.Length || (f[i] != "+" && f[i] != t[i]))
            {
                return false;
            }
        }

        return f.Length == t.Length;
    }
}
