using System.Globalization;
using CareHub.Simulator.Fleet;
using Spectre.Console;

namespace CareHub.Simulator.Report;

/// <summary>A table that is drawn anew in place, twice a second.</summary>
internal sealed class LiveView : IRunView
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Room for the line below the table.</summary>
    private const int WidthColumns = 76;

    private readonly IAnsiConsole _console;
    private readonly RunFacts _facts;
    private readonly RateMeter _rate = new();
    private readonly Table _table = new Table().Border(TableBorder.Rounded).Width(WidthColumns).AddColumns("", "signals", "readings", "status");
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _live;
    private LiveDisplayContext? _context;
    private TimeSpan _next;

    public LiveView(IAnsiConsole console, RunFacts facts)
    {
        _console = console;
        _facts = facts;
        _table.Columns[1].RightAligned();
        _table.Columns[2].RightAligned();
        _table.Columns[3].RightAligned();
        _live = console.Live(_table).StartAsync(async context =>
        {
            _context = context;
            await _end.Task;
        });
    }

    public void Show(Ledger ledger, TimeSpan elapsed)
    {
        if (elapsed < _next || _context is null)
            return;
        _next = elapsed + Interval;
        var rate = _rate.Take(RunReport.Acknowledged(ledger), elapsed);
        _table.Title = new TableTitle(Text($"{_facts.Scenario} × {_facts.Speed:0.##} to {_facts.Address}, seed {_facts.Seed}"));
        _table.Caption = new TableTitle(Text($"{elapsed:hh\\:mm\\:ss}   online {ledger.DevicesOnline}/{_facts.Devices}   connect failures {ledger.ConnectFailures.Values.Sum()}   {rate:0} acks/s   Ctrl-C ends"));
        _table.Rows.Clear();
        Row("raised", ledger, tally => Text($"{tally.Born}"));
        Row("sent", ledger, tally => Text($"{tally.Sent}"));
        Row("acknowledged", ledger, tally => Text($"{tally.Acknowledged}"));
        Row("in flight", ledger, tally => Text($"{tally.InFlight}"));
        Row("sent again", ledger, tally => Text($"{tally.SentAgain}"));
        Row("refused", ledger, tally => Text($"{tally.RefusedTotal}"));
        Row("p50 ms", ledger, tally => RunReport.Ms(tally.Latency.Quantile(0.5)));
        Row("p99 ms", ledger, tally => RunReport.Ms(tally.Latency.Quantile(0.99)));
        _context.Refresh();
    }

    public void Dispose()
    {
        _end.TrySetResult();
        _live.Wait();
        _console.WriteLine();
    }

    private void Row(string name, Ledger ledger, Func<Tally, string> figure) =>
        _table.AddRow(name, figure(ledger.Signals), figure(ledger.Readings), figure(ledger.Statuses));

    private static string Text(FormattableString text) => Markup.Escape(text.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What stays the same while a run goes.</summary>
internal sealed record RunFacts(string Scenario, double Speed, int Seed, string Address, int Devices);
