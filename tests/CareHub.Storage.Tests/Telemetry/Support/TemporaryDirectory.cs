namespace CareHub.Storage.Tests.Telemetry.Support;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("carehub-telemetry-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
