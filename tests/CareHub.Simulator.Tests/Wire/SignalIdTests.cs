using CareHub.Simulator.Tests.Support;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Tests.Wire;

public sealed class SignalIdTests
{
    [Fact]
    public void It_is_a_ULID_that_sorts_by_time()
    {
        var id = SignalId.Create("run", "btn-1", 1, Some.Start);
        Assert.Matches("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", id);
        Assert.Equal("01M80KBZ48", id[..10]);
        Assert.True(string.CompareOrdinal(id, SignalId.Create("run", "btn-1", 1, Some.Start.AddMilliseconds(1))) < 0);
    }

    [Fact]
    public void The_same_signal_has_the_same_id_and_any_other_another()
    {
        var ids = new HashSet<string>();
        foreach (var run in new[] { "a", "b" })
        {
            foreach (var device in new[] { "btn-1", "btn-11" })
            {
                for (var number = 1; number <= 1_000; number++)
                {
                    var id = SignalId.Create(run, device, number, Some.Start);
                    Assert.Equal(id, SignalId.Create(run, device, number, Some.Start));
                    Assert.True(ids.Add(id));
                }
            }
        }
    }
}
