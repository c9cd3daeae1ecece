namespace CareHub.Simulation.Tests.World;

/// <summary>What has happened: the last events for the report of a failure, all of them for a replay, and a hash to compare two runs.</summary>
internal sealed class Trace(Clock clock, Action<string>? verbose)
{
    private const int LinesMax = 60;

    private readonly Queue<string> _last = new();
    private ulong _hash = 14_695_981_039_346_656_037;

    public IEnumerable<string> Last => _last;

    /// <summary>FNV-1a over all lines.</summary>
    public ulong Hash => _hash;

    public void Add(string text)
    {
        var line = $"{(clock.Now - Clock.Start).TotalSeconds,9:0.000} #{clock.Steps} {text}";
        foreach (var letter in line)
        {
            _hash = (_hash ^ letter) * 1_099_511_628_211;
        }

        _last.Enqueue(line);
        if (_last.Count > LinesMax)
        {
            _last.Dequeue();
        }

        verbose?.Invoke(line);
    }
}
