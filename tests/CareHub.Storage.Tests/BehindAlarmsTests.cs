namespace CareHub.Storage.Tests;

/// <summary>Work that stands behind alarms stays on its thread.</summary>
public sealed class BehindAlarmsTests
{
    [Fact]
    public async Task All_that_a_loop_does_between_awaits_is_done_on_its_one_thread()
    {
        var threads = new List<int>();
        var elsewhere = 0;
        await BehindAlarms.Run("test", async () =>
        {
            for (var turn = 0; turn < 20; turn++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                elsewhere = await Task.Run(() => Environment.CurrentManagedThreadId);
                await Task.Yield();
            }
        });

        Assert.Single(threads.Distinct());
        Assert.NotEqual(elsewhere, threads[0]);
    }

    [Fact]
    public async Task A_loop_that_fails_says_so_to_whoever_waits_for_it()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => BehindAlarms.Run("test", async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("on purpose");
        }));
        Assert.Equal("on purpose", failure.Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => BehindAlarms.Run("test", () => throw new InvalidOperationException("before any await")));
    }

    [Fact]
    public async Task What_comes_after_the_end_of_the_loop_is_not_lost()
    {
        SynchronizationContext? context = null;
        await BehindAlarms.Run("test", () =>
        {
            context = SynchronizationContext.Current;
            return Task.CompletedTask;
        });
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context!.Post(_ => ran.SetResult(), null);
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
