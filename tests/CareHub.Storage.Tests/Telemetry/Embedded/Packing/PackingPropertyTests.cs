using CareHub.Storage.Telemetry.Embedded.Packing;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Embedded.Packing;

public sealed class PackingPropertyTests
{
    private static readonly long HourTicks = TimeSpan.TicksPerHour;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 200)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Points_come_back_bit_by_bit(int seed)
    {
        var random = new Random(seed);
        var points = SomePoints(random);
        var unpacked = new List<Point>();
        PointBlock.Unpack(new PointBlock().Pack(points), unpacked);
        Assert.Equal(points.Select(Bits), unpacked.Select(Bits));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Windows_come_back_but_for_noise_in_a_sum(int seed)
    {
        var windows = Rollup.Of(SomePoints(new Random(seed)), TimeSpan.TicksPerMinute);
        var unpacked = RollupBlock.Unpack(new RollupBlock().Pack(windows));
        Assert.Equal(windows.Select(window => window with { Sum = 0 }), unpacked.Select(window => window with { Sum = 0 }));
        foreach (var (before, after) in windows.Zip(unpacked))
            Assert.InRange(after.Sum, before.Sum - (Math.Abs(before.Sum) * 1e-12), before.Sum + (Math.Abs(before.Sum) * 1e-12));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Broken_blocks_are_refused_or_read_as_something_and_never_worse(int seed)
    {
        var random = new Random(seed);
        var block = new PointBlock().Pack(SomePoints(random));
        for (var i = 0; i < 50; i++)
        {
            var broken = block[..random.Next(block.Length + 1)];
            if (broken.Length > 0 && random.Next(2) == 0)
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                PointBlock.Unpack(broken, []);
            }
            catch (InvalidDataException)
            {
                // What it should say of what it cannot read.
            }
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(127L)]
    [InlineData(128L)]
    public void Numbers_of_any_size_come_back(long value)
    {
        var buffer = new PackBuffer();
        buffer.Signed(value);
        buffer.Number((ulong)value);
        var reader = new PackReader(buffer.Written);
        Assert.Equal((value, (ulong)value), (reader.Signed(), reader.Number()));
        Assert.True(reader.Rest.IsEmpty);
    }

    [Fact]
    public void A_key_holds_its_period_and_orders_by_series_and_time()
    {
        long[] periods = [BlockKey.PeriodAt(DateTimeOffset.MinValue.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, HourTicks), -1, 0, 1, 500_000, BlockKey.PeriodAt(DateTimeOffset.MaxValue.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, HourTicks)];
        var keys = new[] { 1L, 2, 1L << 34 }.SelectMany(series => periods.Select(period => BlockKey.Of(series, period))).ToList();
        Assert.Equal(keys.Order(), keys);
        Assert.Equal(periods, keys.Take(periods.Length).Select(BlockKey.PeriodOf));
        Assert.True(BlockKey.FirstOf(2) > keys[periods.Length - 1] && BlockKey.FirstOf(2) <= keys[periods.Length]);
    }

    [Fact]
    public void An_hour_of_a_steady_sensor_packs_into_a_byte_or_two_per_reading()
    {
        var random = new Random(7);
        var rate = 71.0;
        var points = Enumerable.Range(0, 360).Select(i => new Point((i * 10 * TimeSpan.TicksPerSecond) + (random.Next(-50, 50) * TimeSpan.TicksPerMillisecond) + TimeSpan.TicksPerHour, Math.Round(rate += (random.NextDouble() - 0.5) * 3))).ToArray();
        Assert.InRange(new PointBlock().Pack(points).Length, 1, 360 * 2);
    }

    private static (long At, long Value) Bits(Point point) => (point.At, BitConverter.DoubleToInt64Bits(point.Value));

    /// <summary>An hour of a device: steady, jittering or wild times; whole, decimal or any values.</summary>
    private static Point[] SomePoints(Random random)
    {
        var start = random.Next(-1_000, 600_000) * HourTicks;
        var unit = new[] { TimeSpan.TicksPerSecond, TimeSpan.TicksPerMillisecond, 10, 1 }[random.Next(4)];
        var count = random.Next(1, 500);
        var decimals = random.Next(6);
        var level = Math.Pow(10, random.Next(-3, 9)) * (random.Next(2) == 0 ? 1 : -1);
        return [.. Enumerable.Range(0, count)
            .Select(i => random.Next(3) == 0 ? random.NextInt64(HourTicks / unit) : i * (HourTicks / unit / 500))
            .Distinct().Order()
            .Select(at => new Point(start + (at * unit), Value(random, level, decimals)))];
    }

    private static double Value(Random random, double level, int decimals) => random.Next(200) switch
    {
        0 => -0.0,
        1 => double.Epsilon,
        2 => double.MaxValue,
        3 => 1.0 / 3,
        _ => decimals == 5 ? random.NextDouble() * level : Math.Round(level * (1 + (random.NextDouble() / 10)), decimals),
    };
}
