using System.Globalization;
using CareHub.Core.Devices;
using CsvHelper;
using CsvHelper.Configuration;

namespace CareHub.Storage.Registry;

/// <summary>What an import did.</summary>
/// <param name="Problems">Rows that were left out, each with its line and what is wrong with it.</param>
/// <param name="Notes">Things that were done and that somebody should look at.</param>
internal sealed record ImportReport(int Added, int Updated, IReadOnlyList<string> Problems, IReadOnlyList<string> Notes);

/// <summary>
/// Registers devices from CSV (<c>device_id,kind,site_id,secret</c>). Good rows are kept and bad ones reported, so that a
/// corrected file can simply be imported again: a device that exists is updated.
/// </summary>
internal static class DeviceImport
{
    public const int DeviceIdCharsMax = 64;
    public const int SecretCharsMin = 8;
    private const int SecretCharsMax = 256;
    private const int WordCharsMax = 64;

    private static readonly string[] Columns = ["device_id", "kind", "site_id", "secret"];

    public static ImportReport Run(RegistryStore store, DeviceSecrets secrets, TextReader csv, ChangeNote note)
    {
        var problems = new List<string>();
        var notes = new List<string>();
        var rows = Read(csv, problems);

        using var context = store.CreateContext();
        using var transaction = context.Database.BeginTransaction();
        var timeline = new RegistryTimeline(context);
        var services = context.Services.Select(service => service.Name).ToHashSet(StringComparer.Ordinal);
        var known = context.Sites.Select(site => site.Id).ToHashSet(StringComparer.Ordinal);
        int added = 0, updated = 0;
        foreach (var row in rows)
        {
            if (services.Contains(row.DeviceId))
            {
                problems.Add($"line {row.Line}: '{row.DeviceId}' is the name of a service");
                continue;
            }

            if (known.Add(row.SiteId))
            {
                context.Sites.Add(new SiteRow { Id = row.SiteId, RegionId = RegistryStore.UnassignedRegionId, Kind = "home", Name = row.SiteId });
                notes.Add($"site '{row.SiteId}' was not registered: created in region '{RegistryStore.UnassignedRegionId}'; give it a name, an address and a region");
            }

            if (!DeviceKinds.IsKnown(row.Kind))
            {
                notes.Add($"line {row.Line}: kind '{row.Kind}' is not one the hub knows ({string.Join(", ", DeviceKinds.Known)}); registered, and treated as a safety device");
            }

            var device = context.Devices.Find(row.DeviceId);
            if (device is null)
            {
                context.Devices.Add(new DeviceRow { Id = row.DeviceId, Kind = row.Kind, SiteId = row.SiteId, SecretHash = secrets.Hash(row.Secret) });
                added++;
            }
            else
            {
                if (device.SiteId != row.SiteId)
                {
                    // A device that moves leaves the room and the person of its old site behind.
                    device.SpaceId = null;
                    device.ResidentId = null;
                }

                (device.Kind, device.SiteId, device.SecretHash) = (row.Kind, row.SiteId, secrets.Hash(row.Secret));
                (device.PreviousSecretHash, device.PreviousSecretUntil) = (null, null);
                updated++;
            }

            timeline.Append(RegistryEvent.DeviceImported, row.DeviceId, note.Author, note.At, note.Reason);
        }

        context.SaveChanges();
        transaction.Commit();
        return new ImportReport(added, updated, problems, notes);
    }

    private static List<Row> Read(TextReader csv, List<string> problems)
    {
        var rows = new List<Row>();
        using var reader = new CsvReader(csv, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            MissingFieldFound = null,
            BadDataFound = null,
            PrepareHeaderForMatch = header => header.Header.Trim().TrimStart('\uFEFF').ToLowerInvariant(),
        });
        if (!reader.Read() || !reader.ReadHeader())
        {
            problems.Add($"the file is empty; its first line must be '{string.Join(',', Columns)}'");
            return rows;
        }

        var header = reader.HeaderRecord!.Select(name => name.Trim().TrimStart('\uFEFF').ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        var missing = Columns.Where(column => !header.Contains(column)).ToList();
        if (missing.Count > 0)
        {
            problems.Add($"line 1: column {string.Join(", ", missing.Select(column => $"'{column}'"))} is missing; the columns are {string.Join(',', Columns)}");
            return rows;
        }

        var firstLine = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var row = new Row(reader.Parser.RawRow, Field("device_id"), Field("kind"), Field("site_id"), Field("secret"));
            var wrong = Check(row);
            if (wrong is null && !firstLine.TryAdd(row.DeviceId, row.Line))
            {
                wrong = $"device_id '{row.DeviceId}' is already on line {firstLine[row.DeviceId]}";
            }

            if (wrong is null)
            {
                rows.Add(row);
            }
            else
            {
                problems.Add($"line {row.Line}: {wrong}");
            }
        }

        return rows;

        string Field(string name) => reader.GetField(name) ?? "";
    }

    private static string? Check(Row row)
    {
        if (!IsId(row.DeviceId, DeviceIdCharsMax))
        {
            return $"device_id '{row.DeviceId}' must be 1–{DeviceIdCharsMax} letters, digits, '.', '_', ':' or '-'";
        }

        if (!IsId(row.Kind, WordCharsMax))
        {
            return $"kind '{row.Kind}' must be a word such as {DeviceKinds.EmergencyButton}";
        }

        if (!IsId(row.SiteId, WordCharsMax))
        {
            return $"site_id '{row.SiteId}' must be 1–{WordCharsMax} letters, digits, '.', '_', ':' or '-'";
        }

        if (row.SiteId == HubSite.Id || HubSite.IsPart(row.DeviceId))
        {
            return $"'{(row.SiteId == HubSite.Id ? row.SiteId : row.DeviceId)}' is reserved for the hub itself";
        }

        // The secret itself never goes into a message.
        return row.Secret.Length is < SecretCharsMin or > SecretCharsMax
            ? $"the secret of device '{row.DeviceId}' has {row.Secret.Length} characters; {SecretCharsMin}–{SecretCharsMax} are allowed"
            : null;
    }

    internal static bool IsId(string text, int charsMax) =>
        text.Length > 0 && text.Length <= charsMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');

    private sealed record Row(int Line, string DeviceId, string Kind, string SiteId, string Secret);
}
