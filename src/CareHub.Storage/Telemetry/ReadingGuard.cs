using CareHub.Core.Telemetry;

namespace CareHub.Storage.Telemetry;

/// <summary>
/// Decoding refuses what cannot be kept; a reading that reaches a store all the same is a broken invariant. It is
/// caught before it joins a transaction or a request, where it would take other callers' readings down with it.
/// </summary>
internal static class ReadingGuard
{
    public static void ThrowIfNotKeepable(IReadOnlyList<Reading> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (var i = 0; i < batch.Count; i++)
        {
            var reading = batch[i];
            if (string.IsNullOrEmpty(reading.DeviceId) || string.IsNullOrEmpty(reading.Name))
                throw new ArgumentException($"Reading {i} has no device or no name.", nameof(batch));
            if (reading.DeviceId.Length > Spool.FrameCodec.NameCharsMax || reading.Name.Length > Spool.FrameCodec.NameCharsMax)
                throw new ArgumentException($"Reading {i}: the device or the name is longer than {Spool.FrameCodec.NameCharsMax} characters.", nameof(batch));
            if (!double.IsFinite(reading.Value))
                throw new ArgumentException($"Reading {i} ({reading.Name}) is not a finite number.", nameof(batch));
        }
    }
}
