using CareHub.Core.Health;
using CareHub.Core.Signals;

namespace CareHub.Core.Tests.Health;

public sealed class VitalWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly VitalRule Rule = new() { Below = 40, Above = 130, Margin = 3, For = TimeSpan.FromSeconds(60), Calm = TimeSpan.FromMinutes(5) };

    [Fact]
    public void One_odd_reading_says_nothing()
    {
        var watch = new VitalWatch();
        Assert.Empty(Run(watch, "heart_rate", (0, 70), (10, 190), (20, 71), (30, 35), (40, 72), (600, 70)));
        Assert.False(watch.IsRaised);
    }

    [Fact]
    public void Out_for_the_time_of_the_rule_is_said_once_and_over_after_calm_with_margin()
    {
        var watch = new VitalWatch();
        var findings = Run(watch, "heart_rate", (0, 131), (30, 140), (60, 140), (70, 150), (80, 129), (140, 128), (200, 127), (260, 126), (499, 120), (500, 120), (501, 120), (1_200, 131), (1_210, 120));
        Assert.Equal([(SignalKind.Vital, false), (SignalKind.Vital, true)], findings.Select(each => (each.Finding.Kind, each.Finding.IsOver)));
        // 129 and 128 are inside, but not by the margin: quiet since 127 at 200 s.
        Assert.Equal([60, 500], findings.Select(each => each.Second));
        Assert.Equal($"~vital-heart_rate-{Start.ToUnixTimeMilliseconds()}", findings[0].Finding.Id);
    }

    [Fact]
    public void Silence_proves_nothing_about_what_was_in_between()
    {
        var watch = new VitalWatch();
        Assert.Empty(Run(watch, "heart_rate", (0, 140), (3_600, 140)));
        Assert.Single(Run(watch, "heart_rate", (3_660, 140)));
    }

    [Fact]
    public void What_comes_late_decides_nothing()
    {
        var watch = new VitalWatch();
        Assert.Empty(Run(watch, "heart_rate", (100, 70), (0, 140), (60, 140), (100, 140)));
    }

    [Fact]
    public void A_device_is_well_when_all_its_values_are()
    {
        var watch = new VitalWatch();
        Assert.Equal("heart_rate", Assert.Single(Run(watch, "heart_rate", (0, 140), (60, 140))).Finding.About);
        Assert.Equal("spo2", Assert.Single(Run(watch, "spo2", (70, 30), (130, 30))).Finding.About);
        Assert.Empty(Run(watch, "heart_rate", (140, 70), (290, 70), (450, 70)));
        Assert.Empty(Run(watch, "spo2", (460, 60)));
        Assert.True(Assert.Single(Run(watch, "heart_rate", (761, 70))).Finding.IsOver);
    }

    [Fact]
    public void After_a_restart_what_stands_is_not_said_again_and_its_end_is()
    {
        var watch = new VitalWatch(restored: "heart_rate");
        Assert.Empty(Run(watch, "heart_rate", (0, 140), (60, 140), (120, 140)));
        Assert.Single(Run(watch, "spo2", (0, 30), (60, 30)));
        Assert.Empty(Run(watch, "spo2", (120, 60)));
        Assert.True(Assert.Single(Run(watch, "heart_rate", (130, 70), (429, 70), (430, 70))).Finding.IsOver);
        Assert.Single(Run(watch, "heart_rate", (440, 140), (500, 140)));
    }

    [Fact]
    public void After_a_restart_other_values_say_nothing_of_the_one_that_was_out()
    {
        var watch = new VitalWatch(restored: "heart_rate");
        Assert.Empty(Run(watch, "spo2", (0, 60), (301, 60), (700, 60), (900, 60)));
        // Silent for as long as proves nothing, as without a restart; then the calm time.
        Assert.True(Assert.Single(Run(watch, "spo2", (901, 60), (1_200, 60), (1_201, 60))).Finding.IsOver);
    }

    /// <summary>Whatever comes, raised and over take turns per device as the alarm sees them, and the same input gives the same.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Findings_follow_from_the_readings_alone(int seed)
    {
        var random = new Random(seed);
        var at = 0;
        var readings = Enumerable.Range(0, 5_000).Select(_ => (Name: random.Next(2) == 0 ? "heart_rate" : "pulse", Second: at += random.Next(-20, random.Next(20) == 0 ? 3_000 : 60), Value: (double)random.Next(30, 145))).ToList();
        List<HealthFinding> Observe()
        {
            var watch = new VitalWatch();
            var found = new List<HealthFinding>();
            var raised = false;
            foreach (var (name, second, value) in readings)
            {
                if (watch.Observe(name, value, Start.AddSeconds(second), Rule) is { } finding)
                {
                    Assert.True(!finding.IsOver || raised, "over what was never raised");
                    raised = !finding.IsOver;
                    found.Add(finding);
                }

                Assert.Equal(raised, watch.IsRaised);
            }

            return found;
        }

        var once = Observe();
        Assert.NotEmpty(once);
        Assert.Equal(once, Observe());
        Assert.Equal(once.Count, once.Select(finding => finding.Id).Distinct().Count());
    }

    private static List<(int Second, HealthFinding Finding)> Run(VitalWatch watch, string name, params (int Second, double Value)[] readings)
    {
        var findings = new List<(int, HealthFinding)>();
        foreach (var (second, value) in readings)
        {
            if (watch.Observe(name, value, Start.AddSeconds(second), Rule) is { } finding)
            {
                findings.Add((second, finding));
            }
        }

        return findings;
    }
}
