namespace CareHub.Simulator.Devices;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014). <see cref="Random"/> with a seed may change between versions of .NET, and a
/// seed that somebody wrote into a bug report must replay for years.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A stream of its own for each name under one seed.</summary>
    public static SeededRandom For(int seed, string name)
    {
        // FNV-1a
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var c in name)
            hash = (hash ^ c) * 1_099_511_628_211UL;
        return new SeededRandom(hash ^ ((ulong)(uint)seed * 0x9E37_79B9_7F4A_7C15UL));
    }

    /// <summary>In [0, 1).</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double min, double max) => min + (NextUnit() * (max - min));

    public TimeSpan SecondsBetween(double min, double max) => TimeSpan.FromSeconds(Between(min, max));

    /// <summary>In [0, <paramref name="count"/>).</summary>
    public int Below(int count) => (int)(NextUnit() * count);

    public bool Chance(double probability) => NextUnit() < probability;

    /// <summary>Roughly normal, mean 0 and deviation 1, never beyond 6.</summary>
    public double NextBell()
    {
        var sum = 0.0;
        for (var i = 0; i < 12; i++)
            sum += NextUnit();
        return sum - 6;
    }

    /// <summary>Time to the next event of a Poisson process.</summary>
    public TimeSpan UntilNext(double perMinute) => TimeSpan.FromMinutes(-Math.Log(1 - NextUnit()) / perMinute);

    private ulong Next()
    {
        _state += 0x9E37_79B9_7F4A_7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return z ^ (z >> 31);
    }
}
