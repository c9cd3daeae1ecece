using CareHub.Core.Signals;
using CareHub.Core.Telemetry;

namespace CareHub.Core.Health;

/// <summary>
/// The battery of one device. Its trend is the straight line through a sample every six hours of the last fourteen days
/// (least squares); the days left are those until the line from the newest value reaches 0.
/// </summary>
internal sealed class BatteryWatch
{
    /// <summary>A sample's distance, and how far back they go: what is kept is bounded by them.</summary>
    internal static readonly TimeSpan SampleEvery = TimeSpan.FromHours(6);
    internal static readonly TimeSpan SampleAgeMax = TimeSpan.FromDays(14);

    /// <summary>A trend over less is weather.</summary>
    private static readonly TimeSpan TrendMin = TimeSpan.FromDays(3);

    /// <summary>A rise of so many percent is a new battery, or a charge: the trend begins anew.</summary>
    private const double ChangedBy = 15;

    /// <summary>Below the limit is said at the limit, and taken back this much above it.</summary>
    private const double Margin = 5;
    private const double DaysLeftMargin = 1.5;

    private readonly Queue<(DateTimeOffset At, double Value)> _samples = new();
    private DateTimeOffset _lastAt;
    private DateTimeOffset _sampledAt;
    private double _value = double.NaN;

    public BatteryWatch(bool raised = false) => IsRaised = raised;

    public bool IsRaised { get; private set; }

    public HealthFinding? Observe(double value, DateTimeOffset at, BatteryRule rule)
    {
        if (!Learn(value, at))
        {
            return null;
        }

        var days = DaysLeft;
        if (!IsRaised && (value <= rule.Below || days <= rule.DaysLeft))
        {
            IsRaised = true;
            return Finding(isOver: false, at);
        }

        if (IsRaised && value > rule.Below + Margin && !(days <= rule.DaysLeft * DaysLeftMargin))
        {
            IsRaised = false;
            return Finding(isOver: true, at);
        }

        return null;
    }

    /// <summary>Takes a value from the past without judging it; false when it is not newer than the last.</summary>
    public bool Learn(double value, DateTimeOffset at)
    {
        if (at <= _lastAt)
        {
            return false;
        }

        if (value > _value + ChangedBy)
        {
            _samples.Clear();
            _sampledAt = default;
        }

        (_lastAt, _value) = (at, value);
        if (at - _sampledAt >= SampleEvery)
        {
            _samples.Enqueue((at, value));
            _sampledAt = at;
        }

        while (_samples.TryPeek(out var oldest) && at - oldest.At > SampleAgeMax)
        {
            _samples.Dequeue();
        }

        return true;
    }

    /// <summary>Expected days until it is empty; null while there is no trend, or it does not fall.</summary>
    public double? DaysLeft
    {
        get
        {
            if (_samples.Count < 3 || _lastAt - _samples.Peek().At < TrendMin)
            {
                return null;
            }

            var origin = _samples.Peek().At;
            var (n, days, values) = (0, 0.0, 0.0);
            foreach (var (at, value) in _samples)
            {
                n++;
                days += (at - origin).TotalDays;
                values += value;
            }

            var (meanDay, meanValue, covariance, variance) = (days / n, values / n, 0.0, 0.0);
            foreach (var (at, value) in _samples)
            {
                var day = (at - origin).TotalDays - meanDay;
                covariance += day * (value - meanValue);
                variance += day * day;
            }

            var perDay = covariance / variance;
            return perDay < 0 ? Math.Max(0, _value) / -perDay : null;
        }
    }

    /// <summary>Once a day at most: a restart that finds it again finds the same.</summary>
    private static HealthFinding Finding(bool isOver, DateTimeOffset at) =>
        new(SignalKind.LowBattery, isOver, ReadingNames.Battery, at, $"~battery-{(isOver ? "well" : "low")}-{at.UtcDateTime:yyyyMMdd}{(isOver ? $"-{at.ToUnixTimeMilliseconds()}" : "")}");
}
