using System.Text;

namespace CareHub.Storage.Registry;

/// <summary>What few devices have.</summary>
internal sealed record DeviceDetails(bool Disabled, string? Reason, byte[]? PreviousSecretHash, DateTimeOffset? PreviousSecretUntil);

/// <summary>The columns of <see cref="DeviceTable"/>, filled once, in the order of the database. Texts stand once, whoever shares them.</summary>
internal sealed class DeviceColumns(int devicesMax, int idBytesMax)
{
    /// <summary>HMAC-SHA256.</summary>
    private const int SecretBytes = 32;

    private readonly byte[] _ids = new byte[idBytesMax];
    private readonly int[] _idEnds = new int[devicesMax];
    private readonly byte[] _secrets = new byte[devicesMax * SecretBytes];
    private readonly List<string> _texts = [];
    private readonly Dictionary<int, DeviceDetails> _details = [];
    private readonly Dictionary<int, byte[]> _oddSecrets = [];
    private Dictionary<string, int> _positions = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>Positions of the site and the resident among those of the snapshot; -1 for nobody.</summary>
    public int[] Site { get; } = new int[devicesMax];

    /// <inheritdoc cref="Site"/>
    public int[] Resident { get; } = new int[devicesMax];

    /// <summary>Seconds between signs of life that it promises; -1 when it promises none.</summary>
    public int[] Interval { get; } = new int[devicesMax];

    /// <summary>Positions among the texts; -1 for none.</summary>
    public int[] Kind { get; } = new int[devicesMax];

    /// <inheritdoc cref="Kind"/>
    public int[] Name { get; } = new int[devicesMax];

    /// <inheritdoc cref="Kind"/>
    public int[] Model { get; } = new int[devicesMax];

    /// <inheritdoc cref="Kind"/>
    public int[] Place { get; } = new int[devicesMax];

    /// <inheritdoc cref="Kind"/>
    public int[] Gateway { get; } = new int[devicesMax];

    /// <summary>Begins a device; its columns are those at the position that is returned.</summary>
    public int Add(ReadOnlySpan<byte> idUtf8, ReadOnlySpan<byte> secretHash)
    {
        var device = Count++;
        var start = device == 0 ? 0 : _idEnds[device - 1];
        idUtf8.CopyTo(_ids.AsSpan(start));
        _idEnds[device] = start + idUtf8.Length;
        if (secretHash.Length == SecretBytes)
        {
            secretHash.CopyTo(_secrets.AsSpan(device * SecretBytes));
        }
        else
        {
            _oddSecrets[device] = secretHash.ToArray();
        }

        return device;
    }

    public void Describe(int device, DeviceDetails details) => _details[device] = details;

    /// <summary>The position of a text, which is kept if it is new; -1 for an absent one.</summary>
    public int PositionOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return -1;
        }

        Span<char> chars = utf8.Length <= 256 ? stackalloc char[256] : new char[utf8.Length];
        return PositionOf(chars[..Encoding.UTF8.GetChars(utf8, chars)]);
    }

    public int PositionOf(ReadOnlySpan<char> text)
    {
        var known = _positions.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(text, out var position))
        {
            position = _texts.Count;
            _texts.Add(text.ToString());
            known[text] = position;
        }

        return position;
    }

    /// <summary>Nothing is added any more.</summary>
    public void Finish()
    {
        _positions = new(StringComparer.Ordinal);
        _texts.TrimExcess();
    }

    public ReadOnlySpan<byte> Id(int device)
    {
        var start = device == 0 ? 0 : _idEnds[device - 1];
        return _ids.AsSpan(start, _idEnds[device] - start);
    }

    public byte[] Secret(int device) => _oddSecrets.TryGetValue(device, out var odd) ? odd : _secrets.AsSpan(device * SecretBytes, SecretBytes).ToArray();

    public string? Text(int position) => position < 0 ? null : _texts[position];

    public DeviceDetails? Details(int device) => _details.GetValueOrDefault(device);
}
