namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>Windows of one series and level as bytes: columns of numbers, counts, minima, maxima and sums.</summary>
internal sealed class RollupBlock
{
    private readonly PackBuffer _buffer = new();

    /// <summary>Packs windows that are in order, none twice.</summary>
    public byte[] Pack(IReadOnlyList<Rollup> windows)
    {
        _buffer.Clear();
        _buffer.Number((ulong)windows.Count);
        var last = 0L;
        foreach (var window in windows)
        {
            _buffer.Signed(window.Window - last);
            last = window.Window;
        }

        var count = 0L;
        foreach (var window in windows)
        {
            _buffer.Signed(window.Count - count);
            count = window.Count;
        }

        var column = new double[windows.Count];
        var places = Write(windows, column, static window => window.Min);
        places = Math.Max(places ?? int.MaxValue, Write(windows, column, static window => window.Max) ?? int.MaxValue);
        Write(windows, column, window => ValueColumn.Round(window.Sum, places is int.MaxValue ? null : places));
        return Squeeze.Pack(_buffer.Written);
    }

    public static List<Rollup> Unpack(ReadOnlySpan<byte> packed)
    {
        var reader = new PackReader(Squeeze.Unpack(packed));
        var windows = new Rollup[reader.Count()];
        var number = 0L;
        for (var i = 0; i < windows.Length; i++)
            windows[i] = windows[i] with { Window = number += reader.Signed() };
        var count = 0L;
        for (var i = 0; i < windows.Length; i++)
            windows[i] = windows[i] with { Count = count += reader.Signed() };

        var column = new double[windows.Length];
        ValueColumn.Read(ref reader, column);
        for (var i = 0; i < windows.Length; i++)
            windows[i] = windows[i] with { Min = column[i] };
        ValueColumn.Read(ref reader, column);
        for (var i = 0; i < windows.Length; i++)
            windows[i] = windows[i] with { Max = column[i] };
        ValueColumn.Read(ref reader, column);
        for (var i = 0; i < windows.Length; i++)
            windows[i] = windows[i] with { Sum = column[i] };
        return [.. windows];
    }

    private int? Write(IReadOnlyList<Rollup> windows, double[] column, Func<Rollup, double> of)
    {
        for (var i = 0; i < column.Length; i++)
            column[i] = of(windows[i]);
        ValueColumn.Write(_buffer, column);
        return ValueColumn.DecimalsOf(column);
    }
}
