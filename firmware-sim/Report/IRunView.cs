using CareHub.Simulator.Fleet;

namespace CareHub.Simulator.Report;

/// <summary>Shows a run while it goes. Called between ticks, so it may read the ledger and must be quick.</summary>
internal interface IRunView : IDisposable
{
    void Show(Ledger ledger, TimeSpan elapsed);
}

/// <summary>Acknowledgements per second between two looks.</summary>
internal sealed class RateMeter
{
    private long _seen;
    private TimeSpan _at;

    public double Take(long total, TimeSpan elapsed)
    {
        var seconds = (elapsed - _at).TotalSeconds;
        var rate = seconds > 0 ? (total - _seen) / seconds : 0;
        (_seen, _at) = (total, elapsed);
        return rate;
    }
}
