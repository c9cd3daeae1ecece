using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Storage.Tests.Telemetry;

public sealed class EmbeddedStoreComplianceTests : TelemetryStoreCompliance
{
    private readonly TemporaryDirectory _directory = new();
    private TelemetryStorage _storage = null!;

    internal override Task<ITelemetryStore> OpenAsync()
    {
        _storage = TelemetryStorage.Open(_directory.Path, null, null, TimeProvider.System, NullLoggerFactory.Instance);
        return Task.FromResult(_storage.Store);
    }

    protected override async Task CloseAsync()
    {
        await _storage.DisposeAsync();
        _directory.Dispose();
    }
}

[Collection(SharedInfluxd.Name)]
public sealed class InfluxStoreComplianceTests(InfluxdProcess influxd) : TelemetryStoreCompliance
{
    private InfluxClient _client = null!;

    internal override Task<ITelemetryStore> OpenAsync()
    {
        _client = new InfluxClient(influxd.Options($"compliance {Guid.NewGuid():N}"), TelemetryLimits.Default, TimeProvider.System);
        return Task.FromResult<ITelemetryStore>(new InfluxTelemetryStore(_client, new InfluxBatchWriter(_client, mayCreateDatabase: true)));
    }

    protected override Task CloseAsync()
    {
        _client.Dispose();
        return Task.CompletedTask;
    }
}

[Collection(SharedInfluxd.Name)]
public sealed class ForwardedStoreComplianceTests(InfluxdProcess influxd) : TelemetryStoreCompliance
{
    private readonly TemporaryDirectory _directory = new();
    private TelemetryStorage _storage = null!;

    internal override Task<ITelemetryStore> OpenAsync()
    {
        _storage = TelemetryStorage.Open(_directory.Path, influxd.Options($"forwarded {Guid.NewGuid():N}"), null, TimeProvider.System, NullLoggerFactory.Instance, Some.QuickLimits);
        return Task.FromResult(_storage.Store);
    }

    protected override async Task CloseAsync()
    {
        await _storage.DisposeAsync();
        _directory.Dispose();
    }
}
