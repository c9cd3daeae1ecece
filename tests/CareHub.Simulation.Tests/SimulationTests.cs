using System.Runtime.CompilerServices;
using CareHub.Simulation.Tests.Audit;
using CareHub.Simulation.Tests.Hub;
using Xunit.Abstractions;

namespace CareHub.Simulation.Tests;

/// <summary>The whole pipeline under faults, seed by seed; <c>make simulate</c> runs thousands.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int SeedsInTest = 40;

    [Fact]
    public void Every_seed_keeps_the_promises()
    {
        var (first, count) = (Setting("CAREHUB_SIMULATE_FIRST") ?? 1, Setting("CAREHUB_SIMULATE_SEEDS") ?? SeedsInTest);
        if (Setting("CAREHUB_SIMULATE_SEED") is { } one)
        {
            Replay(one);
            return;
        }

        var failures = new List<string>();
        var (crashes, traces) = (0, 0UL);
        for (var seed = first; seed < first + count && failures.Count < 5; seed++)
        {
            using var simulation = new Simulation(seed, new Seams());
            if (Report.Run(simulation) is { } report)
            {
                failures.Add(report);
            }

            crashes += simulation.Crashes;
            traces = (traces * 31) + simulation.Trace.Hash;
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        output.WriteLine($"{count} seeds from {first}, {crashes} crashes of the hub: no promise broken (traces {traces:x16})");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(22)]
    public void A_seed_lives_the_same_life_every_time(int seed)
    {
        using var one = new Simulation(seed, new Seams());
        using var other = new Simulation(seed, new Seams());
        one.Run();
        other.Run();
        Assert.Equal(one.Trace.Hash, other.Trace.Hash);
    }

    [Theory]
    [InlineData("CareHub.Core.Triage")]
    [InlineData("CareHub.Core.Escalation")]
    [InlineData("CareHub.Core.Silences")]
    [InlineData("CareHub.Server")]
    [InlineData("CareHub.Storage")]
    public void The_auditor_knows_nothing_of_the_hubs_code(string space)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(ProjectFolder(), "Audit")))
        {
            Assert.DoesNotContain($"using {space}", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    private static string ProjectFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private void Replay(int seed)
    {
        using var simulation = new Simulation(seed, new Seams(), output.WriteLine);
        var report = Report.Run(simulation);
        output.WriteLine($"seed {seed}: {simulation.Clock.Steps} steps, trace {simulation.Trace.Hash:x16}");
        Assert.True(report is null, report);
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : null;
}

/// <summary>What a failing seed says of itself.</summary>
internal static class Report
{
    /// <summary>Runs the seed; null when all is well.</summary>
    public static string? Run(Simulation simulation)
    {
        try
        {
            simulation.Run();
            return null;
        }
        catch (Exception failure)
        {
            var what = failure is BrokenPromise broken ? broken.Message : failure.ToString();
            return $"""
                seed {simulation.Seed}, step {simulation.Clock.Steps}: {what}
                the last events:
                {string.Join("\n", simulation.Trace.Last)}
                replay with: make simulate SEED={simulation.Seed}
                """;
        }
    }
}
