using System.Text;

namespace CareHub.Storage.Registry;

/// <summary>
/// Which devices somebody asks for, answered from the columns: a search that finds little goes past a million devices, and must not make
/// an entry of each. For one pass over a table.
/// </summary>
/// <param name="covers">Sites that count.</param>
/// <param name="text">Found in the id, the name, the kind, the place or the site's name, in capitals or not; null or empty for all devices.</param>
internal sealed class DeviceSearch(Func<SiteEntry, bool> covers, string? text)
{
    private readonly string _text = text?.Trim() ?? "";

    /// <summary>Devices of a site stand together, as a rule: the answers for the latest one.</summary>
    private SiteEntry? _site;
    private bool _isCovered;
    private bool _isSiteFound;

    public bool Finds(DeviceColumns columns, int device, SiteEntry site)
    {
        if (!ReferenceEquals(site, _site))
        {
            (_site, _isCovered, _isSiteFound) = (site, covers(site), Has(site.Name));
        }

        return _isCovered && (_isSiteFound || HasId(columns.Id(device)) || Has(columns.Text(columns.Name[device])) || Has(columns.Text(columns.Kind[device])) || Has(columns.Text(columns.Place[device])));
    }

    private bool Has(string? value) => value?.Contains(_text, StringComparison.OrdinalIgnoreCase) == true;

    private bool HasId(ReadOnlySpan<byte> utf8)
    {
        Span<char> id = stackalloc char[utf8.Length];
        return id[..Encoding.UTF8.GetChars(utf8, id)].Contains(_text, StringComparison.OrdinalIgnoreCase);
    }
}
