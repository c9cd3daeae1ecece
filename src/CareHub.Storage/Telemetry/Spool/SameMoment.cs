namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// Keeps readings of a series apart that carry the same time: every store keeps one value for a series and a time, and a
/// device's clock often has milliseconds, or seconds, only.
/// </summary>
/// <remarks>
/// <para>
/// What lies below a clock's resolution is free to use. A time that falls on a whole millisecond gets a number of ticks
/// (100 ns, below one millisecond) that follows from the value alone: different values get different times, the same
/// reading sent again gets the same one, also after a restart and by another hub. A finer time is left as it is, unless
/// another value has taken it.
/// </para>
/// <para>
/// The number is the value in thousandths modulo a prime. Two values on a common decimal grid of 1, 0.1, 0.01 or 0.001 are
/// n steps apart, and n × 1000 (100, 10, 1) is a multiple of the prime only when n is: so they meet only from 9,973 steps
/// on. Other values (more decimals) meet by chance, once in 9,973; so what has been given out for the newest time
/// is remembered, and the second takes the next that is free.
/// </para>
/// </remarks>
internal sealed class SameMoment
{
    /// <summary>The largest prime below the 10,000 ticks of a millisecond.</summary>
    private const int Slots = 9_973;

    /// <summary>Values of one moment that are remembered; beyond it chance meetings are not noticed.</summary>
    private const int RememberedMax = 1_024;

    private long _at = long.MinValue;
    private (double Value, int Slot)[] _given = new (double, int)[1];
    private int _count;

    public long Distinct(long atTicks, double value)
    {
        if (atTicks != _at)
        {
            _at = atTicks;
            _count = 0;
        }

        for (var i = 0; i < _count; i++)
        {
            if (_given[i].Value.Equals(value))
                return atTicks + _given[i].Slot;
        }

        var isFine = atTicks % TimeSpan.TicksPerMillisecond != 0;
        var slot = isFine && _count == 0 ? 0 : SlotOf(value);
        while (IsTaken(slot))
            slot = (slot + 1) % Slots;
        Remember(value, slot);
        return atTicks + slot;
    }

    private static int SlotOf(double value)
    {
        var thousandths = Math.Round(value * 1_000);
        var whole = Math.Abs(thousandths) < 1L << 52 && (thousandths / 1_000).Equals(value)
            ? (long)thousandths
            : unchecked((long)((ulong)BitConverter.DoubleToInt64Bits(value) * 0x9E3779B97F4A7C15UL >> 1));
        return (int)(((whole % Slots) + Slots) % Slots);
    }

    private bool IsTaken(int slot)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_given[i].Slot == slot)
                return true;
        }

        return false;
    }

    private void Remember(double value, int slot)
    {
        if (_count == RememberedMax)
            return;
        if (_count == _given.Length)
            Array.Resize(ref _given, _count * 2);
        _given[_count++] = (value, slot);
    }
}
