using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Registry;

/// <summary>
/// Reads a snapshot, in one read transaction so that it never mixes two states of the registry. Past EF Core: a city's start waits for
/// this, and a row costs it a microsecond here and four there.
/// </summary>
internal sealed class RegistryLoader(SqliteConnection connection)
{
    private readonly Dictionary<string, RegionEntry> _regions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sitePositions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _residentPositions = new(StringComparer.Ordinal);
    private readonly List<SiteEntry> _sites = [];
    private readonly List<ResidentEntry> _residents = [];
    private readonly HashSet<string> _words = new(StringComparer.Ordinal);

    public RegistrySnapshot Load()
    {
        SqliteFile.Execute(connection, "BEGIN");
        try
        {
            LoadRegions();
            LoadSites();
            LoadResidents();
            var devices = LoadDevices();
            return new RegistrySnapshot
            {
                Regions = _regions,
                Sites = _sites.ToDictionary(site => site.Id, StringComparer.Ordinal),
                Residents = _residents.ToDictionary(resident => resident.Id, StringComparer.Ordinal),
                Devices = devices,
                Services = LoadServices(),
            };
        }
        finally
        {
            SqliteFile.Execute(connection, "ROLLBACK");
        }
    }

    private void LoadRegions()
    {
        var rows = new List<(string Id, string? ParentId, string Name, string Level)>();
        using var select = new SqlStatement(connection, """SELECT "Id", "ParentId", "Name", "Level" FROM "regions" """);
        while (select.Step())
        {
            rows.Add((select.Text(0), select.TextOrNull(1), select.Text(2), select.Text(3)));
        }

        var parents = rows.ToDictionary(row => row.Id, row => row.ParentId, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            _regions[row.Id] = new RegionEntry(row.Id, row.Name, row.Level, PathOf(row.Id, parents));
        }
    }

    /// <summary>From the root down; a circle, which nothing but a hand in the database could make, ends when every region has been passed.</summary>
    private static ImmutableArray<string> PathOf(string id, Dictionary<string, string?> parents)
    {
        var path = new List<string>();
        for (string? at = id; at is not null && path.Count < parents.Count; at = parents[at])
        {
            path.Insert(0, at);
        }

        return [.. path];
    }

    private void LoadSites()
    {
        using var select = new SqlStatement(connection, """SELECT "Id", "Kind", "Name", "Address", "RegionId" FROM "sites" """);
        while (select.Step())
        {
            _sitePositions[select.Text(0)] = _sites.Count;
            var regionId = Word(select.Bytes(4));
            _sites.Add(new SiteEntry(select.Text(0), Word(select.Bytes(1)), select.Text(2), select.TextOrNull(3), _regions[regionId]));
        }

        foreach (var region in _regions.Values)
        {
            _sites.Add(new SiteEntry(RegionSite.IdOf(region.Id), RegionSite.Kind, region.Name, null, region));
        }

        _sites.Add(new SiteEntry(HubSite.Id, HubSite.Kind, HubSite.Name, null, _regions[RegistryStore.RootRegionId]));
    }

    private void LoadResidents()
    {
        var contacts = new Dictionary<string, List<ContactEntry>>(StringComparer.Ordinal);
        using (var select = new SqlStatement(connection, """SELECT "ResidentId", "Id", "Phone" FROM "contacts" ORDER BY "Position" """))
        {
            while (select.Step())
            {
                if (!contacts.TryGetValue(select.Text(0), out var list))
                {
                    contacts[select.Text(0)] = list = [];
                }

                list.Add(new ContactEntry(select.Number(1)!.Value, select.Text(2)));
            }
        }

        using var residents = new SqlStatement(connection, """SELECT "Id", "Name", "BirthDate", "Sex" FROM "residents" """);
        while (residents.Step())
        {
            var id = residents.Text(0);
            DateOnly? birth = residents.TextOrNull(2) is { } date ? DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
            _residentPositions[id] = _residents.Count;
            _residents.Add(new ResidentEntry(id, residents.Text(1), birth, residents.Bytes(3) is { IsEmpty: false } sex ? Word(sex) : null, contacts.TryGetValue(id, out var list) ? [.. list] : []));
        }
    }

    private DeviceTable LoadDevices()
    {
        var columns = Columns();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        using (var spaces = new SqlStatement(connection, """SELECT "Id", "Label" FROM "spaces" """))
        {
            while (spaces.Step())
            {
                places[spaces.Text(0)] = columns.PositionOf(spaces.Text(1));
            }
        }

        using var select = new SqlStatement(connection, """
            SELECT "Id", "SecretHash", "Kind", "SiteId", "ResidentId", "SpaceId", "IntervalSeconds", "Name", "Model", "GatewayId",
                   "Disabled", "DisabledReason", "PreviousSecretHash", "PreviousSecretUntil" FROM "devices"
            """);
        while (select.Step())
        {
            var device = columns.Add(select.Bytes(0), select.Bytes(1));
            columns.Kind[device] = columns.PositionOf(select.Bytes(2));
            columns.Site[device] = Position(_sitePositions, select.Bytes(3));
            columns.Resident[device] = Position(_residentPositions, select.Bytes(4));
            columns.Place[device] = Position(places, select.Bytes(5));
            columns.Interval[device] = (int)(select.Number(6) ?? -1);
            columns.Name[device] = columns.PositionOf(select.Bytes(7));
            columns.Model[device] = columns.PositionOf(select.Bytes(8));
            columns.Gateway[device] = columns.PositionOf(select.Bytes(9));
            if (select.Number(10) != 0 || select.Bytes(12).Length > 0)
            {
                columns.Describe(device, new DeviceDetails(
                    select.Number(10) != 0, select.TextOrNull(11), select.Bytes(12) is { IsEmpty: false } previous ? previous.ToArray() : null, select.Number(13) is { } until ? UnixMs.ToTime(until) : null));
            }
        }

        columns.Finish();
        return new DeviceTable(columns, [.. _sites], [.. _residents]);
    }

    private DeviceColumns Columns()
    {
        using var size = new SqlStatement(connection, """SELECT COUNT(*), COALESCE(SUM(LENGTH(CAST("Id" AS BLOB))), 0) FROM "devices" """);
        size.Step();
        return new DeviceColumns((int)size.Number(0)!.Value, (int)size.Number(1)!.Value);
    }

    private Dictionary<string, ServiceEntry> LoadServices()
    {
        var services = new Dictionary<string, ServiceEntry>(StringComparer.Ordinal);
        using var select = new SqlStatement(connection, """SELECT "Name", "SecretHash", "PublishFilters", "SubscribeFilters" FROM "services" """);
        while (select.Step())
        {
            services[select.Text(0)] = new ServiceEntry(select.Text(0), select.Blob(1), Lines(select.Text(2)), Lines(select.Text(3)));
        }

        return services;

        static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static int Position(Dictionary<string, int> positions, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return -1;
        }

        Span<char> chars = utf8.Length <= 256 ? stackalloc char[256] : new char[utf8.Length];
        return positions.GetAlternateLookup<ReadOnlySpan<char>>()[chars[..Encoding.UTF8.GetChars(utf8, chars)]];
    }

    /// <summary>The same object for a word that many rows have.</summary>
    private string Word(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = utf8.Length <= 256 ? stackalloc char[256] : new char[utf8.Length];
        var word = chars[..Encoding.UTF8.GetChars(utf8, chars)];
        var known = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(word, out var same))
        {
            return same;
        }

        known.Add(word);
        known.TryGetValue(word, out same);
        return same!;
    }
}
