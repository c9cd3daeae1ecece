using CareHub.Mqtt.Packets;
using CareHub.Simulator.Report;

namespace CareHub.Simulator.Fleet;

/// <summary>
/// What became of everything that was to be sent. Written by the fleet alone; others may read single figures at any
/// time. Every kept message ends as acknowledged, refused, overwritten or unacknowledged, and the summary adds up.
/// </summary>
internal sealed class Ledger
{
    public Tally Signals { get; } = new();

    public Tally Readings { get; } = new();

    /// <summary>Status messages, of which only the newest matters: one that is lost is replaced, not sent again.</summary>
    public Tally Statuses { get; } = new();

    /// <summary>Handshakes that ended without a connection, by reason.</summary>
    public SortedDictionary<string, long> ConnectFailures { get; } = new(StringComparer.Ordinal);

    public long Connects { get; set; }

    /// <summary>Connections that ended without the device wanting it.</summary>
    public long LinksLost { get; set; }

    public int DevicesOnline { get; set; }

    public int DevicesNeverOnline { get; set; }

    public Tally Of(MessageKind kind) => kind switch
    {
        MessageKind.Signal => Signals,
        MessageKind.Reading => Readings,
        _ => Statuses,
    };

    public void ConnectFailed(string reason) => ConnectFailures[reason] = ConnectFailures.GetValueOrDefault(reason) + 1;
}

/// <summary>Figures of one kind of message. Readings are counted one by one, however many share a message.</summary>
internal sealed class Tally
{
    /// <summary>Messages that came about.</summary>
    public long Born { get; set; }

    /// <summary>Messages sent at least once.</summary>
    public long Sent { get; set; }

    /// <summary>Attempts beyond the first.</summary>
    public long SentAgain { get; set; }

    public long Acknowledged { get; set; }

    /// <summary>Lost on the device because its memory was full.</summary>
    public long Overwritten { get; set; }

    /// <summary>Made void by a newer one before they were acknowledged.</summary>
    public long Superseded { get; set; }

    public long InFlight { get; set; }

    /// <summary>Acknowledged with a reason of 0x80 or above: the hub has them and does not want them.</summary>
    public SortedDictionary<ReasonCode, long> Refused { get; } = [];

    public LatencyHistogram Latency { get; } = new();

    public long RefusedTotal => Refused.Values.Sum();

    /// <summary>Neither acknowledged nor otherwise accounted for.</summary>
    public long Unacknowledged => Born - Acknowledged - RefusedTotal - Overwritten - Superseded;
}
