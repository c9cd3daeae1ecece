using System.Diagnostics.Metrics;
using CareHub.Core;
using CareHub.Core.Alarms;

namespace CareHub.Server.Metrics;

/// <summary>
/// The hub's own measurements that happen at a moment; what can be looked up when somebody asks is in <see cref="HubGauges"/>.
/// Names follow OpenTelemetry's conventions. Labels are words of enumerations, never an id or a name. docs/metrics.md lists all.
/// </summary>
/// <remarks>One for each hub, so that two hubs in one process are not added up.</remarks>
internal sealed class HubMeter : IDisposable
{
    public const string Name = "CareHub";

    /// <summary>What a machine takes, in seconds.</summary>
    private static readonly double[] MachineBounds = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>What people take, in seconds; 60 and 180 are the telecare benchmark.</summary>
    private static readonly double[] PeopleBounds = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1_800, 3_600];

    private readonly Histogram<double> _commit;
    private readonly Histogram<double> _acknowledged;
    private readonly Histogram<double> _pushed;
    private readonly Histogram<double> _sighted;
    private readonly Histogram<double> _answered;
    private readonly Histogram<double> _onScene;

    public HubMeter()
    {
        _commit = Machine("carehub.commit.duration", "Time that one transaction of the alarm database took, to the disk.");
        _acknowledged = Machine("carehub.signal.acknowledgement.duration", "From the arrival of a signal's publish to the moment its acknowledgement may leave.");
        _pushed = Machine("carehub.press.push.duration", "From the arrival of the signal that raised an alarm to its SignalR frame for a console; resolution 1 ms.");
        _sighted = People("carehub.press.sighting.duration", "From the moment an alarm sounded to the first console that reported it painted.");
        _answered = People("carehub.alarm.acknowledgement.duration", "From the moment an alarm sounded to its acknowledgement by a person.");
        _onScene = People("carehub.alarm.on_scene.duration", "From the moment an alarm was raised to the arrival of somebody on scene.");

        Histogram<double> Machine(string name, string description) => Of(name, description, MachineBounds);
        Histogram<double> People(string name, string description) => Of(name, description, PeopleBounds);
        Histogram<double> Of(string name, string description, double[] bounds) =>
            Meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
    }

    public Meter Meter { get; } = new(Name);

    /// <summary>When the signals that raised the latest alarms had come in.</summary>
    public PressClock Presses { get; } = new();

    public void Committed(TimeSpan took) => _commit.Record(took.TotalSeconds);

    public void Acknowledged(TimeSpan took) => _acknowledged.Record(took.TotalSeconds);

    public void Pushed(TimeSpan took) => _pushed.Record(took.TotalSeconds);

    public void Sighted(Priority priority, TimeSpan took) => Record(_sighted, priority, took);

    public void Answered(Priority priority, TimeSpan took) => Record(_answered, priority, took);

    public void OnScene(Priority priority, TimeSpan took) => Record(_onScene, priority, took);

    private static void Record(Histogram<double> histogram, Priority priority, TimeSpan took) =>
        histogram.Record(Math.Max(0, took.TotalSeconds), new KeyValuePair<string, object?>("priority", Words<Priority>.Of(priority)));

    public void Dispose() => Meter.Dispose();
}
