namespace CareHub.Simulator.Devices;

/// <summary>Where the fleet comes from: the hub's list with secrets, or made up for a broker that lets anybody in.</summary>
internal static class DeviceList
{
    private const string Header = "device_id,kind,site_id,secret";

    /// <summary>A made-up city's mix, in devices per hundred.</summary>
    private static readonly (string Kind, string Prefix, int PerHundred)[] Mix =
    [
        (DeviceKinds.EmergencyButton, "btn", 22),
        (DeviceKinds.FallSensor, "fal", 16),
        (DeviceKinds.SmokeDetector, "smk", 16),
        (DeviceKinds.GasDetector, "gas", 8),
        (DeviceKinds.CoDetector, "co", 4),
        (DeviceKinds.DoorSensor, "dor", 10),
        (DeviceKinds.BedSensor, "bed", 8),
        (DeviceKinds.VitalMonitor, "vit", 6),
        (DeviceKinds.EnvironmentSensor, "env", 6),
        (DeviceKinds.Gateway, "gw", 4),
    ];

    /// <summary>Reads <c>device_id,kind,site_id,secret</c> with a header line, as the hub writes it: no field needs quoting.</summary>
    /// <exception cref="InvalidDataException">The file is not such a list.</exception>
    public static IReadOnlyList<DeviceIdentity> Read(TextReader text)
    {
        if (text.ReadLine()?.Trim() != Header)
            throw new InvalidDataException($"The list of devices must begin with the line {Header}");

        var devices = new List<DeviceIdentity>();
        for (var line = 2; text.ReadLine() is { } row; line++)
        {
            if (string.IsNullOrWhiteSpace(row))
                continue;
            var fields = row.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != 4 || fields.Any(field => field.Length == 0 || field.Contains('"', StringComparison.Ordinal)))
                throw new InvalidDataException($"Line {line} of the list of devices is not {Header} (four fields, without quotation marks).");
            devices.Add(new DeviceIdentity(fields[0], fields[1], fields[2], fields[3]));
        }

        return devices.Count > 0 ? devices : throw new InvalidDataException("The list of devices is empty.");
    }

    public static IReadOnlyList<DeviceIdentity> MadeUp(int count)
    {
        var hundred = Mix.SelectMany(kind => Enumerable.Repeat(kind, kind.PerHundred)).ToArray();
        // 37 and 100 have no common divisor, so every hundred holds the mix and neighbours differ.
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var (kind, prefix, _) = hundred[i * 37 % 100];
            return new DeviceIdentity($"{prefix}-sim-{i:00000}", kind, $"home-sim-{i / 5:0000}", null);
        })];
    }
}
