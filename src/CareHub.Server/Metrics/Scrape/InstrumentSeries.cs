using System.Diagnostics.Metrics;

namespace CareHub.Server.Metrics.Scrape;

internal enum SeriesKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>
/// What one instrument has measured, a series for each set of labels. An instrument without labels costs a message an
/// atomic addition; one with labels a look through its few sets.
/// </summary>
internal sealed class InstrumentSeries
{
    private readonly Lock _adding = new();
    private readonly bool _isObservable;
    private readonly double[] _bounds;
    private volatile Series[] _series = [];
    private Series? _overflow;

    public InstrumentSeries(Instrument instrument)
    {
        Instrument = instrument;
        var type = instrument.GetType().Name;
        Kind = type.StartsWith("Histogram", StringComparison.Ordinal) ? SeriesKind.Histogram
            : type is "Counter`1" or "ObservableCounter`1" ? SeriesKind.Counter
            : SeriesKind.Gauge;
        _isObservable = instrument.IsObservable;
        IsSum = type is "Counter`1" or "UpDownCounter`1";
        _bounds = Kind != SeriesKind.Histogram ? [] : [.. BoundsOf(instrument)];
    }

    public Instrument Instrument { get; }

    public SeriesKind Kind { get; }

    public IReadOnlyList<Series> All => _series;

    public IReadOnlyList<double> Bounds => _bounds;

    /// <summary>Whether a measurement adds to the one before or takes its place.</summary>
    private bool IsSum { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (Kind == SeriesKind.Histogram)
        {
            series.Observe(value, _bounds);
        }
        else if (IsSum)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    /// <summary>What is observed anew with each scrape must not outlive what it tells of.</summary>
    public void Forget()
    {
        if (_isObservable)
        {
            lock (_adding)
            {
                _series = [];
                _overflow = null;
            }
        }
    }

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in _series)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }

        lock (_adding)
        {
            foreach (var series in _series)
            {
                if (series.Has(tags))
                {
                    return series;
                }
            }

            if (_series.Length >= Limits.MetricSeriesMax)
            {
                return _overflow ??= Add([new("otel_metric_overflow", "true")]);
            }

            return Add(tags.ToArray());
        }
    }

    private Series Add(KeyValuePair<string, object?>[] tags)
    {
        var series = new Series(tags, _bounds.Length);
        _series = [.. _series, series];
        return series;
    }

    private static IReadOnlyList<double> BoundsOf(Instrument instrument) =>
        instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } ? bounds : [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
}
