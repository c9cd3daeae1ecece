namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>A piece of work for the writer. Its caller's task completes after the commit that holds it.</summary>
internal abstract class WriteRequest(int cost)
{
    /// <summary>Readings in it; bounds the transaction it joins.</summary>
    public int Cost { get; } = Math.Max(1, cost);

    public abstract void Apply(TelemetryWriter writer);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc />
internal sealed class WriteRequest<T>(int cost, Func<TelemetryWriter, T> work) : WriteRequest(cost)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Completion => _completion.Task;

    public override void Apply(TelemetryWriter writer) => _result = work(writer);

    public override void Complete() => _completion.SetResult(_result!);

    public override void Fail(Exception error) => _completion.SetException(error);
}
