using CareHub.Server.Ingest;

namespace CareHub.Server.Tests.Ingest;

public sealed class TokenBucketTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_burst_is_free_and_then_it_refills_with_time()
    {
        var bucket = new TokenBucket(perSecond: 2, burst: 3);

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.TryTake(Start)));
        Assert.True(bucket.TryTake(Start.AddMilliseconds(500)));
        Assert.False(bucket.TryTake(Start.AddMilliseconds(500)));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.TryTake(Start.AddHours(1))));
    }

    [Fact]
    public void On_credit_each_waits_its_turn_and_nobody_longer_than_the_maximum()
    {
        var bucket = new TokenBucket(perSecond: 2, burst: 1);
        var max = TimeSpan.FromSeconds(1);

        Assert.Equal([0, 500, 1000, 1000, 1000], Enumerable.Range(0, 5).Select(_ => bucket.Take(Start, max).TotalMilliseconds));

        // The debt does not grow beyond what is waited for.
        Assert.True(bucket.TryTake(Start.AddSeconds(1.5)));
    }

    [Fact]
    public void The_book_of_recent_keys_keeps_who_is_active_and_forgets_the_rest()
    {
        var book = new RecentBook<string, string>(max: 4);
        book.Put("active", "a");
        for (var i = 0; i < 100; i++)
        {
            book.Put($"stranger-{i}", "s");
            Assert.Equal("a", book.Find("active"));
        }

        Assert.InRange(Enumerable.Range(0, 100).Count(i => book.Find($"stranger-{i}") is not null), 1, 4);
    }
}
