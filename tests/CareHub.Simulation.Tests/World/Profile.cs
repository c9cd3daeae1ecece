namespace CareHub.Simulation.Tests.World;

/// <summary>What a seed makes of its town: how long, how busy, how bad the weather.</summary>
internal sealed record Profile
{
    public required TimeSpan Duration { get; init; }
    public required string[] Sites { get; init; }
    public required Person[] Desks { get; init; }

    /// <summary>Mean time between two things that a device has to say.</summary>
    public required TimeSpan DeviceEvery { get; init; }

    /// <summary>0 to 1: share of messages lost on their way; as many come twice.</summary>
    public required double Loss { get; init; }

    public required TimeSpan CrashEvery { get; init; }

    /// <summary>Probability of a crash at each of the three points of a round.</summary>
    public required double CrashInRound { get; init; }

    public required double CommitFails { get; init; }
    public required TimeSpan DiskFullEvery { get; init; }

    /// <summary>0 to 1: how likely an operator does something about what is on the screen.</summary>
    public required double Diligence { get; init; }

    /// <summary>One site hears from a device that has kept hundreds of messages.</summary>
    public required bool Flood { get; init; }

    /// <summary>The real ledger over SQLite instead of its model.</summary>
    public required bool Sqlite { get; init; }

    public static Profile Of(int seed, Dice dice)
    {
        var sqlite = seed % 50 == 7;
        var calm = dice.Chance(0.2);
        return new Profile
        {
            Duration = TimeSpan.FromMinutes(sqlite ? 4 : dice.Between(6, 26)),
            Sites = [.. Town.Places.Where(_ => dice.Chance(0.6)).Select(place => place.SiteId).DefaultIfEmpty(dice.Of(Town.Places).SiteId)],
            Desks = [.. Town.People.Where(_ => dice.Chance(0.55))],
            DeviceEvery = TimeSpan.FromSeconds(dice.Between(20, 240)),
            Loss = calm ? 0 : dice.Share(0, 0.2),
            CrashEvery = TimeSpan.FromSeconds(calm ? 100_000 : dice.Between(90, 1200)),
            CrashInRound = calm ? 0 : dice.Share(0, 0.02),
            CommitFails = calm ? 0 : dice.Share(0, 0.05),
            DiskFullEvery = TimeSpan.FromSeconds(calm ? 100_000 : dice.Between(200, 3000)),
            Diligence = dice.Share(0, 1),
            Flood = !sqlite && dice.Chance(0.04),
            Sqlite = sqlite,
        };
    }
}
