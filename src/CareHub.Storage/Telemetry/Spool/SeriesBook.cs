using System.Collections.Concurrent;
using CareHub.Core.Telemetry;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>Finds the series of a reading. Safe for concurrent use.</summary>
internal sealed class SeriesBook(ReadingClasses classes, IDeviceTags? tags)
{
    private static readonly object NoVersion = new();

    private readonly ConcurrentDictionary<string, DeviceSeries> _devices = new(StringComparer.Ordinal);
    private int _lastId;

    public Series Find(string device, string name) => Of(device).Find(name);

    /// <summary>
    /// The reading as it is to be kept: with its series, and with a time of its own when the device's clock has given
    /// the same to two different values.
    /// </summary>
    public SpoolReading Distinct(in Reading reading, long receivedMs) => Of(reading.DeviceId).Distinct(reading, receivedMs);

    /// <summary>How many names the device would have with these.</summary>
    public int NamesWith(string device, IReadOnlyList<Reading> readings) => Of(device).NamesWith(readings);

    private DeviceSeries Of(string device)
    {
        var version = tags?.Version ?? NoVersion;
        if (_devices.TryGetValue(device, out var found) && ReferenceEquals(found.Version, version))
            return found;
        found ??= _devices.GetOrAdd(device, static (id, book) => new DeviceSeries(id, book), this);
        found.Retag(version, tags?.Of(device) ?? default);
        return found;
    }

    private sealed class DeviceSeries(string device, SeriesBook book)
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
                        entry.Series = New(entry.Series.Name);
                }

                Version = version;
            }
        }

        public Series Find(string name)
        {
            lock (_lock)
                return EntryOf(name).Series;
        }

        public SpoolReading Distinct(in Reading reading, long receivedMs)
        {
            lock (_lock)
            {
                var entry = EntryOf(reading.Name);
                return new SpoolReading(entry.Series, entry.Moment.Distinct(Embedded.UnixTicks.From(reading.At), reading.Value), reading.Value, receivedMs);
            }
        }

        public int NamesWith(IReadOnlyList<Reading> readings)
        {
            lock (_lock)
            {
                var unknown = 0;
                for (var i = 0; i < readings.Count; i++)
                {
                    var name = readings[i].Name;
                    if (!Knows(name) && !SaidBefore(readings, i))
                        unknown++;
                }

                return _entries.Count + unknown;
            }
        }

        private static bool SaidBefore(IReadOnlyList<Reading> readings, int index)
        {
            for (var i = 0; i < index; i++)
            {
                if (readings[i].Name == readings[index].Name)
                    return true;
            }

            return false;
        }

        private bool Knows(string name) => _entries.Exists(entry => entry.Series.Name == name);

        /// <summary>A device has a handful: a search in order is quicker than a table.</summary>
        private Entry EntryOf(string name)
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

            var added = new Entry(New(name));
            _entries.Add(added);
            return added;
        }

        private Series New(string name) => new(Interlocked.Increment(ref book._lastId), device, name, _tags, book.Classes.LaneOf(name));
    }

    private ReadingClasses Classes => classes;

    private sealed class Entry(Series series)
    {
        public Series Series { get; set; } = series;

        public SameMoment Moment { get; } = new();
    }
}
