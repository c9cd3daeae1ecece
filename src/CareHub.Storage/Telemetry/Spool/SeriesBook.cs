using System.Collections.Concurrent;
using CareHub.Core.Telemetry;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>Finds the series of readings. Safe for concurrent use.</summary>
internal sealed class SeriesBook(ReadingClasses classes, IDeviceTags? tags)
{
    private static readonly object NoVersion = new();

    private readonly ConcurrentDictionary<string, DeviceSeries> _devices = new(StringComparer.Ordinal);
    private int _lastId;

    /// <summary>A device's series, with the tags it has now.</summary>
    public DeviceSeries Of(string device)
    {
        var version = tags?.Version ?? NoVersion;
        if (_devices.TryGetValue(device, out var found) && ReferenceEquals(found.Version, version))
            return found;
        found ??= _devices.GetOrAdd(device, static (id, book) => new DeviceSeries(id, book), this);
        found.Retag(version, tags?.Of(device) ?? default);
        return found;
    }

    internal Series New(string device, string name, in SeriesTags of) => new(Interlocked.Increment(ref _lastId), device, name, of, classes.LaneOf(name));
}

/// <summary>What one device measures.</summary>
internal sealed class DeviceSeries(string device, SeriesBook book)
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = new(4);
    private SeriesTags _tags;

    public object? Version { get; private set; }

    public void Retag(object version, in SeriesTags fresh)
    {
        lock (_lock)
        {
            if (fresh != _tags)
            {
                _tags = fresh;
                foreach (var entry in _entries)
                    entry.Series = book.New(device, entry.Series.Name, _tags);
            }

            Version = version;
        }
    }

    public Series Find(string name)
    {
        lock (_lock)
            return EntryOf(name).Series;
    }

    /// <summary>
    /// The reading as it is to be kept: with its series, and with a time of its own when the device's clock has given
    /// the same to two different values.
    /// </summary>
    public SpoolReading Distinct(in Reading reading, long receivedMs)
    {
        lock (_lock)
        {
            var entry = EntryOf(reading.Name);
            return new SpoolReading(entry.Series, entry.Moment.Distinct(Embedded.UnixTicks.From(reading.At), reading.Value), reading.Value, receivedMs);
        }
    }

    /// <summary>Whether with these there are no more than so many names.</summary>
    public bool HasRoomFor(List<Reading> readings, int namesMax)
    {
        lock (_lock)
        {
            var unknown = 0;
            for (var i = 0; i < readings.Count; i++)
            {
                var name = readings[i].Name;
                if (Know(name) is null && !SaidBefore(readings, i))
                    unknown++;
            }

            return unknown == 0 || _entries.Count + unknown <= namesMax;
        }
    }

    private static bool SaidBefore(List<Reading> readings, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (readings[i].Name == readings[index].Name)
                return true;
        }

        return false;
    }

    private Entry EntryOf(string name)
    {
        if (Know(name) is { } known)
            return known;
        var added = new Entry(book.New(device, name, _tags));
        _entries.Add(added);
        return added;
    }

    /// <summary>A device has a handful: a search in order is quicker than a table. Names are mostly one string each.</summary>
    private Entry? Know(string name)
    {
        foreach (var entry in _entries)
        {
            if (ReferenceEquals(entry.Series.Name, name))
                return entry;
        }

        foreach (var entry in _entries)
        {
            if (entry.Series.Name == name)
                return entry;
        }

        return null;
    }

    private sealed class Entry(Series series)
    {
        public Series Series { get; set; } = series;

        public SameMoment Moment { get; } = new();
    }
}
