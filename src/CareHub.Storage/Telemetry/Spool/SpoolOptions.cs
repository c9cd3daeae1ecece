namespace CareHub.Storage.Telemetry.Spool;

/// <summary>What a person writes about the spool.</summary>
internal sealed class SpoolOptions
{
    /// <summary>Quota on disk, in MiB.</summary>
    public int MegabytesMax { get; set; } = 4_096;

    /// <summary>Names of readings that go first at the quota, separated by commas.</summary>
    public string LowValue { get; set; } = ReadingClasses.LowByDefault;

    /// <summary>Everything that is wrong, at once; empty when all is well.</summary>
    public IReadOnlyList<string> Validate() =>
        MegabytesMax is < 16 or > 16 * 1024 * 1024 ? [$"Spool MegabytesMax is {MegabytesMax}; 16 to 16777216 is allowed."] : [];
}
