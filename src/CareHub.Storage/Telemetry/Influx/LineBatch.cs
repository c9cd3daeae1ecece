using System.Buffers;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>Lines for one or more requests, with their boundaries, so that a batch the server finds too large can be split.</summary>
internal sealed class LineBatch
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];

    public int Count => _ends.Count;

    /// <summary>Points that line protocol cannot express, by reason.</summary>
    public Dictionary<string, int> Refused { get; } = [];

    public void Add(string measurement, ReadOnlySpan<Tag> tags, ReadOnlySpan<Field> fields, long unixNs)
    {
        if (LineProtocol.Append(_bytes, measurement, tags, fields, unixNs) is { } reason)
            Refuse(reason);
        else
            _ends.Add(_bytes.WrittenCount);
    }

    /// <summary>Counts a point that has no line.</summary>
    public void Refuse(string reason) => Refused[reason] = Refused.GetValueOrDefault(reason) + 1;

    public ReadOnlyMemory<byte> Lines(int from, int count)
    {
        var begin = from == 0 ? 0 : _ends[from - 1];
        return _bytes.WrittenMemory[begin.._ends[from + count - 1]];
    }

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _ends.Clear();
        Refused.Clear();
    }
}
