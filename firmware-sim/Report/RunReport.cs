using System.Globalization;
using CareHub.Simulator.Fleet;

namespace CareHub.Simulator.Report;

/// <summary>The words of a run: a line now and then, and the summary at the end.</summary>
internal static class RunReport
{
    /// <summary>Whether the hub has taken everything that devices had to tell it.</summary>
    public static bool AllAcknowledged(Ledger ledger) =>
        ledger.DevicesNeverOnline == 0 && IsClean(ledger.Signals) && IsClean(ledger.Readings);

    public static string Line(Ledger ledger, int devices, TimeSpan elapsed, double perSecond) => Text(
        $"{elapsed:hh\\:mm\\:ss}  online {ledger.DevicesOnline}/{devices}  connect failures {ledger.ConnectFailures.Values.Sum()}  signals {ledger.Signals.Acknowledged}/{ledger.Signals.Born}  readings {ledger.Readings.Acknowledged}/{ledger.Readings.Born}  {perSecond:0} acks/s  in flight {InFlight(ledger)}  signal p50 {Ms(ledger.Signals.Latency.Quantile(0.5))} p99 {Ms(ledger.Signals.Latency.Quantile(0.99))} ms");

    public static IEnumerable<string> Summary(Ledger ledger, int devices, TimeSpan elapsed)
    {
        yield return Text($"{devices} devices, {elapsed.TotalSeconds:0.0} s, {ledger.Connects} connections, {ledger.LinksLost} lost");
        if (ledger.DevicesNeverOnline > 0)
            yield return Text($"never online: {ledger.DevicesNeverOnline} devices");
        foreach (var (reason, count) in ledger.ConnectFailures)
            yield return Text($"connect failed {count} times: {reason}");
        yield return "";
        yield return Text($"{"",-16}{"signals",12}{"readings",12}{"status",12}");
        yield return Row("raised", ledger, tally => tally.Born);
        yield return Row("sent", ledger, tally => tally.Sent);
        yield return Row("acknowledged", ledger, tally => tally.Acknowledged);
        yield return Row("unacknowledged", ledger, tally => tally.Unacknowledged);
        yield return Row("redelivered", ledger, tally => tally.SentAgain);
        yield return Row("refused", ledger, tally => tally.RefusedTotal);
        yield return Row("overwritten", ledger, tally => tally.Overwritten);
        yield return Row("superseded", ledger, tally => tally.Superseded);
        foreach (var (name, share) in new[] { ("p50 ms", 0.5), ("p90 ms", 0.9), ("p99 ms", 0.99), ("p99.9 ms", 0.999) })
            yield return Text($"{name,-16}{Ms(ledger.Signals.Latency.Quantile(share)),12}{Ms(ledger.Readings.Latency.Quantile(share)),12}{Ms(ledger.Statuses.Latency.Quantile(share)),12}");
        yield return Text($"{"max ms",-16}{Ms(ledger.Signals.Latency.Max),12}{Ms(ledger.Readings.Latency.Max),12}{Ms(ledger.Statuses.Latency.Max),12}");
        foreach (var (kind, tally) in new[] { ("signals", ledger.Signals), ("readings", ledger.Readings), ("status", ledger.Statuses) })
        {
            foreach (var (reason, count) in tally.Refused)
                yield return Text($"refused {kind}: {count} with 0x{(int)reason:X2} {reason}");
        }

        yield return "";
        yield return AllAcknowledged(ledger) ? "everything was acknowledged" : "NOT everything was acknowledged";
    }

    public static string Ms(TimeSpan latency) => latency.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);

    public static long InFlight(Ledger ledger) => ledger.Signals.InFlight + ledger.Readings.InFlight + ledger.Statuses.InFlight;

    public static long Acknowledged(Ledger ledger) => ledger.Signals.Acknowledged + ledger.Readings.Acknowledged + ledger.Statuses.Acknowledged;

    private static bool IsClean(Tally tally) => tally.Unacknowledged == 0 && tally.RefusedTotal == 0 && tally.Overwritten == 0;

    private static string Row(string name, Ledger ledger, Func<Tally, long> figure) =>
        Text($"{name,-16}{figure(ledger.Signals),12}{figure(ledger.Readings),12}{figure(ledger.Statuses),12}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
