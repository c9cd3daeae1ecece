namespace CareHub.Server.Tests.Support;

/// <summary>Waits on a condition; a test that waits in vain says for what.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task True(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited {Patience.TotalSeconds} s in vain until {what}");
            await Task.Delay(5, CancellationToken.None);
        }
    }

    public static async Task<T> Value<T>(Func<Task<T?>> read, string what)
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await read() is { } value)
            {
                return value;
            }

            Assert.False(patience.IsCancellationRequested, $"waited {Patience.TotalSeconds} s in vain until {what}");
            await Task.Delay(5, CancellationToken.None);
        }
    }
}
