namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>
/// Values as differences. Sensors speak in decimals (71, 36.6): such a column is whole numbers of its last place, whose
/// differences are mostly one byte. A column that is not is kept as the bits of its doubles, so nothing is ever rounded.
/// </summary>
internal static class ValueColumn
{
    public const int DecimalsMax = 4;
    private const byte Bits = 0xFF;
    private const double WholeMax = 1L << 53;
    private static readonly double[] Powers = [1, 10, 100, 1_000, 10_000];

    public static void Write(PackBuffer to, ReadOnlySpan<double> values)
    {
        var decimals = DecimalsOf(values);
        if (decimals is not { } places)
        {
            to.Byte(Bits);
            var last = 0UL;
            foreach (var value in values)
            {
                var bits = BitConverter.DoubleToUInt64Bits(value);
                to.Fixed(bits ^ last);
                last = bits;
            }

            return;
        }

        to.Byte((byte)places);
        var before = 0L;
        foreach (var value in values)
        {
            var whole = (long)Math.Round(value * Powers[places]);
            to.Signed(whole - before);
            before = whole;
        }
    }

    public static void Read(ref PackReader from, Span<double> values)
    {
        var places = from.Byte();
        if (places == Bits)
        {
            var last = 0UL;
            foreach (ref var value in values)
            {
                last ^= from.Fixed();
                value = BitConverter.UInt64BitsToDouble(last);
            }

            return;
        }

        if (places > DecimalsMax)
            throw new InvalidDataException($"A block of readings has values of an unknown kind ({places}).");
        var whole = 0L;
        foreach (ref var value in values)
        {
            whole += from.Signed();
            value = whole / Powers[places];
        }
    }

    /// <summary>The fewest decimal places in which every value is exact; null when there are none.</summary>
    public static int? DecimalsOf(ReadOnlySpan<double> values)
    {
        var places = 0;
        foreach (var value in values)
        {
            while (!IsExact(value, Powers[places]))
            {
                if (++places > DecimalsMax)
                    return null;
            }
        }

        // A value that is exact in few places need not be in more: 2^52 × 10 is no longer exact.
        foreach (var value in values)
        {
            if (!IsExact(value, Powers[places]))
                return null;
        }

        return places;
    }

    /// <summary>A sum to the precision of what was summed: the last bits of a sum of decimals are noise.</summary>
    public static double Round(double sum, int? decimals) =>
        decimals is { } places && Math.Abs(sum * Powers[places]) < WholeMax ? Math.Round(sum * Powers[places]) / Powers[places] : sum;

    private static bool IsExact(double value, double power)
    {
        var whole = Math.Round(value * power);
        // By bits: minus zero is not zero.
        return Math.Abs(whole) <= WholeMax && BitConverter.DoubleToInt64Bits((long)whole / power) == BitConverter.DoubleToInt64Bits(value);
    }
}
