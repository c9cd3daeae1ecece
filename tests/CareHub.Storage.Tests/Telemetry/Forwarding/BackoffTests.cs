using CareHub.Storage.Telemetry.Forwarding;

namespace CareHub.Storage.Tests.Telemetry.Forwarding;

public sealed class BackoffTests
{
    private static readonly TimeSpan Min = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    [Fact]
    public void Pauses_double_up_to_the_bound_and_are_shortened_by_up_to_half()
    {
        var backoff = new Backoff(Min, Max, new Random(1));
        foreach (var full in new[] { 1, 2, 4, 8, 16, 30, 30, 30 })
            Assert.InRange(backoff.Next(null).TotalSeconds, full / 2.0, full);
        backoff.Reset();
        Assert.InRange(backoff.Next(null).TotalSeconds, 0.5, 1);
    }

    [Fact]
    public void It_stays_at_the_bound_for_as_long_as_it_takes()
    {
        var backoff = new Backoff(Min, Max, new Random(1));
        for (var i = 0; i < 10_000; i++)
            Assert.InRange(backoff.Next(null), Min / 2, Max);
    }

    [Fact]
    public void A_server_that_names_a_time_gets_it_within_reason()
    {
        var backoff = new Backoff(Min, Max, new Random(1));
        Assert.Equal(TimeSpan.FromSeconds(7), backoff.Next(TimeSpan.FromSeconds(7)));
        Assert.Equal(Max, backoff.Next(TimeSpan.FromDays(1)));
    }
}
