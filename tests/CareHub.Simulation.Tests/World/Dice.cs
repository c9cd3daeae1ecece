namespace CareHub.Simulation.Tests.World;

/// <summary>The seed's dice: every choice of a run comes from here.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public int Between(int low, int high) => _random.Next(low, high + 1);

    public T Of<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    public double Share(double low, double high) => low + (_random.NextDouble() * (high - low));

    public TimeSpan Ms(int low, int high) => TimeSpan.FromMilliseconds(_random.Next(low, high + 1));

    public TimeSpan Seconds(int low, int high) => Ms(low * 1000, high * 1000);

    /// <summary>Time until something that comes by chance, on the average every <paramref name="mean"/>.</summary>
    public TimeSpan Exponential(TimeSpan mean) => TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(-Math.Log(1 - _random.NextDouble()), 8) * mean.TotalMilliseconds));
}
