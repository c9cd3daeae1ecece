using System.Buffers;
using System.Text;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>Lines for one or more requests, with their boundaries, so that a batch the server finds too large can be split.</summary>
internal sealed class LineBatch
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];
    private readonly List<LineOrigin> _origins = [];

    public int Count => _ends.Count;

    /// <summary>Points that line protocol cannot express.</summary>
    public List<RefusedLine> Refused { get; } = [];

    public void Add(string measurement, ReadOnlySpan<Tag> tags, ReadOnlySpan<Field> fields, long unixNs, LineOrigin origin = default)
    {
        if (LineProtocol.Append(_bytes, measurement, tags, fields, unixNs) is { } reason)
            Refuse(origin, "", reason);
        else
            Ended(origin);
    }

    /// <summary>The same from a head of <see cref="LineProtocol.AppendHead"/>.</summary>
    public void Add(ReadOnlySpan<byte> head, double value, long unixNs, LineOrigin origin)
    {
        LineProtocol.AppendLine(_bytes, head, value, unixNs);
        Ended(origin);
    }

    /// <summary>Notes a point that has no line.</summary>
    public void Refuse(LineOrigin origin, string what, string reason) => Refused.Add(new RefusedLine(origin, what, reason));

    public ReadOnlyMemory<byte> Lines(int from, int count) => _bytes.WrittenMemory[BeginOf(from).._ends[from + count - 1]];

    /// <summary>A line as it would be kept with the reason for which the server refused it.</summary>
    public RefusedLine LineAt(int line, string reason) =>
        new(_origins[line], Encoding.UTF8.GetString(_bytes.WrittenSpan[BeginOf(line).._ends[line]].TrimEnd((byte)'\n')), reason);

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _ends.Clear();
        _origins.Clear();
        Refused.Clear();
    }

    private int BeginOf(int line) => line == 0 ? 0 : _ends[line - 1];

    private void Ended(LineOrigin origin)
    {
        _ends.Add(_bytes.WrittenCount);
        _origins.Add(origin);
    }
}

/// <summary>Whose point a line is.</summary>
internal readonly record struct LineOrigin(string? Device, string? Site);

/// <summary>A point that cannot be stored, and why.</summary>
internal readonly record struct RefusedLine(LineOrigin Origin, string Line, string Reason);
