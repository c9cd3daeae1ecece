using CareHub.Simulator.Fleet;

namespace CareHub.Simulator.Report;

/// <summary>A line every ten seconds, for logs.</summary>
internal sealed class PlainView(TextWriter output, int devices) : IRunView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly RateMeter _rate = new();
    private TimeSpan _next = Interval;

    public void Show(Ledger ledger, TimeSpan elapsed)
    {
        if (elapsed < _next)
            return;
        _next += Interval;
        output.WriteLine(RunReport.Line(ledger, devices, elapsed, _rate.Take(RunReport.Acknowledged(ledger), elapsed)));
    }

    public void Dispose()
    {
    }
}
