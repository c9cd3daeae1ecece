using CareHub.Simulation.Tests.Audit;
using CareHub.Simulation.Tests.Mutations;
using Xunit.Abstractions;

namespace CareHub.Simulation.Tests;

/// <summary>An auditor that finds nothing proves nothing: each deliberate bug must be caught, and called by its name.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int SeedsMax = 60;

    public static TheoryData<string> Names => [.. MutationList.All.Select(mutation => mutation.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_auditor_catches_a_hub_that(string name)
    {
        var mutation = MutationList.All.Single(each => each.Name == name);
        for (var seed = 1; seed <= SeedsMax; seed++)
        {
            using var simulation = new Simulation(seed, mutation.Make());
            try
            {
                simulation.Run();
            }
            catch (BrokenPromise broken)
            {
                output.WriteLine($"seed {seed}, step {simulation.Clock.Steps}: {broken.Message}");
                Assert.True(mutation.Breaks.Contains(broken.Promise), $"seed {seed}: {broken.Message}");
                return;
            }
        }

        Assert.Fail($"{SeedsMax} seeds, and the auditor has seen nothing");
    }
}
