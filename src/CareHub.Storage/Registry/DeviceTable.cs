using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using CareHub.Core.Devices;

namespace CareHub.Storage.Registry;

/// <summary>
/// The devices of a snapshot in a few flat arrays: a city has a million, of which a small part speaks at any time, and an object for
/// each (with its facts, its strings, its place in a dictionary) would take several times the memory and the collector's time.
/// An entry is made when it is asked for, and kept for those that are asked for often.
/// </summary>
/// <remarks>
/// Ids are found by open addressing over their UTF-8 bytes. The entries that were asked for lately stand in a table of
/// at most <see cref="EntriesKept"/> slots by the hash of their id; a slot is simply overwritten, so readers need no lock.
/// </remarks>
internal sealed class DeviceTable : IReadOnlyDictionary<string, DeviceEntry>
{
    /// <summary>Entries that are kept ready at most; a power of two.</summary>
    public const int EntriesKept = 131_072;

    /// <summary>A native device that declares no interval counts as a battery device of its family.</summary>
    private static readonly TimeSpan SupervisionDefault = TimeSpan.FromHours(25);

    private readonly DeviceColumns _columns;
    private readonly SiteEntry[] _sites;
    private readonly ResidentEntry[] _residents;
    private readonly int[] _slots;
    private readonly DeviceEntry?[] _kept;

    /// <summary>Made when somebody looks at a list: messages have no use for it.</summary>
    private readonly Lazy<int[]> _inOrder;

    public DeviceTable(DeviceColumns columns, SiteEntry[] sites, ResidentEntry[] residents)
    {
        (_columns, _sites, _residents) = (columns, sites, residents);
        _inOrder = new(() => InOrder(columns));
        _kept = new DeviceEntry?[Math.Min(EntriesKept, PowerOfTwo(columns.Count))];

        // At most two thirds full.
        _slots = new int[PowerOfTwo(columns.Count + (columns.Count / 2))];
        for (var device = 0; device < columns.Count; device++)
        {
            var slot = SlotOf(columns.Id(device));
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = device + 1;
        }
    }

    public int Count => _columns.Count;

    public IEnumerable<string> Keys => Enumerable.Range(0, Count).Select(device => Encoding.UTF8.GetString(_columns.Id(device)));

    public IEnumerable<DeviceEntry> Values => Enumerable.Range(0, Count).Select(Make);

    public DeviceEntry this[string key] => TryGetValue(key, out var entry) ? entry : throw new KeyNotFoundException($"device '{key}' is not registered");

    public bool ContainsKey(string key) => Find(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out DeviceEntry value)
    {
        ref var kept = ref _kept[string.GetHashCode(key, StringComparison.Ordinal) & (_kept.Length - 1)];
        value = Volatile.Read(ref kept);
        if (value is not null && value.Id == key)
        {
            return true;
        }

        var device = Find(key);
        value = device < 0 ? null : Make(device);
        if (value is not null)
        {
            Volatile.Write(ref kept, value);
        }

        return value is not null;
    }

    /// <summary>How long the device may be silent, without making an entry: a sweep asks this of every device. Null when it is not registered or is disabled.</summary>
    public TimeSpan? SupervisionLimit(string id) =>
        Find(id) is var device and >= 0 && _columns.Details(device) is not { Disabled: true } ? LimitOf(device) : null;

    /// <summary>Devices in the order of their ids. Who takes a page pays for a page: entries are made of what is taken.</summary>
    /// <param name="after">Only those behind this id.</param>
    /// <param name="search">What is asked for.</param>
    public IEnumerable<DeviceEntry> InOrder(string? after, DeviceSearch search)
    {
        var order = _inOrder.Value;
        for (var at = after is null ? 0 : FirstAfter(order, Encoding.UTF8.GetBytes(after)); at < order.Length; at++)
        {
            var device = order[at];
            if (search.Finds(_columns, device, _sites[_columns.Site[device]]))
            {
                yield return Make(device);
            }
        }
    }

    /// <summary>Kinds of which there is a device.</summary>
    public IReadOnlySet<string> Kinds() =>
        _columns.Kind.Take(Count).Distinct().Select(kind => _columns.Text(kind)!).ToHashSet(StringComparer.Ordinal);

    /// <summary>The devices of a person, in the order of their ids.</summary>
    public IReadOnlyList<DeviceEntry> Of(ResidentEntry resident)
    {
        var found = new List<DeviceEntry>();
        var position = Array.FindIndex(_residents, each => ReferenceEquals(each, resident));
        for (var from = 0; position >= 0 && _columns.Resident.AsSpan(from, Count - from).IndexOf(position) is var at and >= 0; from += at + 1)
        {
            found.Add(Make(from + at));
        }

        found.Sort(static (one, other) => string.CompareOrdinal(one.Id, other.Id));
        return found;
    }

    /// <summary>The same of many persons, one after the other; who has no device is left out. Numbers are walked once, and a person's entries are made when it is their turn.</summary>
    public IEnumerable<(string Resident, IReadOnlyList<DeviceEntry> Devices)> Of(IReadOnlySet<string> residents)
    {
        var asked = Array.ConvertAll(_residents, resident => residents.Contains(resident.Id));
        var found = new List<(int Person, int Device)>();
        for (var device = 0; device < Count; device++)
        {
            if (_columns.Resident[device] is var person and >= 0 && asked[person])
            {
                found.Add((person, device));
            }
        }

        found.Sort();
        for (var from = 0; from < found.Count;)
        {
            var person = found[from].Person;
            var devices = new List<DeviceEntry>();
            for (; from < found.Count && found[from].Person == person; from++)
            {
                devices.Add(Make(found[from].Device));
            }

            devices.Sort(static (one, other) => string.CompareOrdinal(one.Id, other.Id));
            yield return (_residents[person].Id, devices);
        }
    }

    public IEnumerator<KeyValuePair<string, DeviceEntry>> GetEnumerator() => Values.Select(entry => KeyValuePair.Create(entry.Id, entry)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int[] InOrder(DeviceColumns columns)
    {
        int[] order = [.. Enumerable.Range(0, columns.Count)];

        // A city is imported in order, as a rule.
        for (var at = 1; at < order.Length; at++)
        {
            if (columns.Id(at - 1).SequenceCompareTo(columns.Id(at)) > 0)
            {
                Array.Sort(order, (one, other) => columns.Id(one).SequenceCompareTo(columns.Id(other)));
                break;
            }
        }

        return order;
    }

    private int FirstAfter(int[] order, ReadOnlySpan<byte> id)
    {
        var (low, high) = (0, order.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _columns.Id(order[middle]).SequenceCompareTo(id) > 0 ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private int Find(string key)
    {
        if (key.Length > DeviceImport.DeviceIdCharsMax)
        {
            return -1;
        }

        Span<byte> utf8 = stackalloc byte[DeviceImport.DeviceIdCharsMax * 3];
        var id = utf8[..Encoding.UTF8.GetBytes(key, utf8)];
        var slot = SlotOf(id);
        while (_slots[slot] is var taken and not 0)
        {
            if (_columns.Id(taken - 1).SequenceEqual(id))
            {
                return taken - 1;
            }

            slot = (slot + 1) & (_slots.Length - 1);
        }

        return -1;
    }

    private int SlotOf(ReadOnlySpan<byte> id)
    {
        var hash = default(HashCode);
        hash.AddBytes(id);
        return hash.ToHashCode() & (_slots.Length - 1);
    }

    private DeviceEntry Make(int device)
    {
        var site = _sites[_columns.Site[device]];
        var resident = _columns.Resident[device] is var person and >= 0 ? _residents[person] : null;
        var gateway = _columns.Text(_columns.Gateway[device]);
        var details = _columns.Details(device);
        return new DeviceEntry(
            new DeviceFacts(Encoding.UTF8.GetString(_columns.Id(device)), _columns.Text(_columns.Kind[device])!, site.Id, resident?.Id) { GatewayId = gateway, RegionPath = site.Region.Path },
            site,
            resident)
        {
            Name = _columns.Text(_columns.Name[device]),
            Model = _columns.Text(_columns.Model[device]),
            Place = _columns.Text(_columns.Place[device]),
            GatewayId = gateway,
            SecretHash = _columns.Secret(device),
            SupervisionLimit = LimitOf(device),
            Disabled = details?.Disabled ?? false,
            DisabledReason = details?.Reason,
            PreviousSecretHash = details?.PreviousSecretHash,
            PreviousSecretUntil = details?.PreviousSecretUntil,
        };
    }

    private static int PowerOfTwo(int atLeast) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, atLeast));

    private TimeSpan LimitOf(int device) => _columns.Interval[device] is var seconds and >= 0 ? TimeSpan.FromSeconds(2L * seconds) : SupervisionDefault;
}
