using System.Diagnostics.Metrics;

namespace CareHub.Server.Metrics.Scrape;

/// <summary>Gathers what the hub's meter, the runtime and ASP.NET Core measure, for the text that Prometheus reads.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private static readonly string[] OthersMeters = ["System.Runtime", "Microsoft.AspNetCore.Hosting"];

    private readonly Lock _lock = new();
    private readonly Dictionary<Instrument, InstrumentSeries> _instruments = [];
    private readonly MeterListener _listener = new();

    /// <param name="hub">The hub's own meter, and no other hub's.</param>
    /// <param name="meters">What made ASP.NET Core's meters of this host; null listens to no such meter.</param>
    public MetricsCollector(HubMeter hub, IMeterFactory? meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var meter = instrument.Meter;
            if (ReferenceEquals(meter, hub.Meter) || (OthersMeters.Contains(meter.Name) && (meter.Scope is null || ReferenceEquals(meter.Scope, meters))))
            {
                var series = new InstrumentSeries(instrument);
                lock (_lock)
                {
                    _instruments[instrument] = series;
                }

                listener.EnableMeasurementEvents(instrument, series);
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>The text of one scrape.</summary>
    public string Scrape()
    {
        lock (_lock)
        {
            foreach (var series in _instruments.Values)
            {
                series.Forget();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_instruments.Values);
        }
    }

    public void Dispose() => _listener.Dispose();
}
